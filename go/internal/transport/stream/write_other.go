//go:build !linux

package stream

import "syscall"

func writeNow(descriptor uintptr, p []byte) (int, error) { return syscall.Write(int(descriptor), p) }
