// Package peer returns the credentials of the process at the other end of a unix socket, as of the time when it called
// connect or listen. It may have ended since.
package peer

import "syscall"

// Credentials identify a process and its user.
type Credentials struct {
	Pid int // in our pid namespace; 0 if not visible there, and on macOS
	UID int
}

// Of returns the credentials of the peer of a connected unix socket.
func Of(connection syscall.Conn) (found Credentials, err error) {
	raw, err := connection.SyscallConn()
	if err != nil {
		return Credentials{}, err
	}
	controlled := raw.Control(func(descriptor uintptr) { found, err = credentialsOf(int(descriptor)) })
	if controlled != nil {
		return Credentials{}, controlled
	}
	return found, err
}
