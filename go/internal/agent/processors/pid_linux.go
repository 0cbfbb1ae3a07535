package processors

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerPid asks the kernel who connected; it keeps the pid of that moment, even when the process is gone.
func peerPid(connection *net.UnixConn) int {
	raw, err := connection.SyscallConn()
	if err != nil {
		return 0
	}
	pid := 0
	_ = raw.Control(func(descriptor uintptr) {
		if credentials, err := unix.GetsockoptUcred(int(descriptor), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(credentials.Pid)
		}
	})
	return pid
}
