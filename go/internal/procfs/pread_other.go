//go:build !linux

package procfs

import "golang.org/x/sys/unix"

func readNow(descriptor int, buffer []byte) (int, error) { return unix.Pread(descriptor, buffer, 0) }
