//go:build !linux

package stream

import "syscall"

func writeNow(descriptor uintptr, p []byte) (int, error) { return syscall.Write(int(descriptor), p) }

func readNow(descriptor uintptr, p []byte) (int, error) { return syscall.Read(int(descriptor), p) }
