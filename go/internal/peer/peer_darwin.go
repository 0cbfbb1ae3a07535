package peer

import "golang.org/x/sys/unix"

func credentialsOf(descriptor int) (Credentials, error) {
	told, err := unix.GetsockoptXucred(descriptor, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return Credentials{}, err
	}
	return Credentials{UID: int(told.Uid)}, nil
}
