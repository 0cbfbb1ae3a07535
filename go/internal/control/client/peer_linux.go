package client

import (
	"net"

	"golang.org/x/sys/unix"
)

// peer is the process that listens at the other end, as this process's namespace numbers it; 0 if it cannot see it.
func peer(connection net.Conn) (pid int) {
	raw, err := connection.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(descriptor uintptr) {
		if credentials, err := unix.GetsockoptUcred(int(descriptor), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(credentials.Pid)
		}
	})
	return pid
}
