// Package peer tells who is at the other end of a unix socket: the process of the moment when the connection, or the
// listener, was made, even when it is gone.
package peer

import "syscall"

// Credentials are a process and its user.
type Credentials struct {
	Pid int // as this process's namespace numbers it; 0 if it cannot see it, or the system does not tell
	UID int
}

// Of asks the kernel.
func Of(connection syscall.Conn) (found Credentials, err error) {
	raw, err := connection.SyscallConn()
	if err != nil {
		return Credentials{}, err
	}
	controlled := raw.Control(func(descriptor uintptr) { found, err = ask(int(descriptor)) })
	if controlled != nil {
		return Credentials{}, controlled
	}
	return found, err
}
