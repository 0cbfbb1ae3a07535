package server

import (
	"net"

	"golang.org/x/sys/unix"
)

// peer is the user at the other end.
func peer(connection *net.UnixConn) (uid int, err error) {
	raw, err := connection.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = raw.Control(func(descriptor uintptr) {
		credentials, err := unix.GetsockoptUcred(int(descriptor), unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err != nil {
			failed = err
			return
		}
		uid = int(credentials.Uid)
	})
	if err != nil {
		return 0, err
	}
	return uid, failed
}
