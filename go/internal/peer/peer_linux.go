package peer

import "golang.org/x/sys/unix"

func credentialsOf(descriptor int) (Credentials, error) {
	told, err := unix.GetsockoptUcred(descriptor, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return Credentials{}, err
	}
	return Credentials{Pid: int(told.Pid), UID: int(told.Uid)}, nil
}
