package host

import (
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/python"
)

// start starts a worker host. Its standard output and error are those of the manager, its standard input is empty. It
// exits when its channel is closed, and is killed when the manager dies (on Linux).
func start(children *process.Children, interpreter string) (*process.Child, net.Conn, error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, nil, fmt.Errorf("cannot create the channel of the worker host: %w", err)
	}
	defer theirs.Close()
	read, write, err := os.Pipe()
	if err != nil {
		ours.Close()
		return nil, nil, fmt.Errorf("cannot create a pipe for the worker host: %w", err)
	}
	defer read.Close()
	empty, err := os.Open(os.DevNull)
	if err != nil {
		ours.Close()
		write.Close()
		return nil, nil, err
	}
	defer empty.Close()

	arguments := append([]string{interpreter}, python.Arguments("server", 3, 4)...)
	child, err := children.Start(arguments, os.Environ(), []*os.File{empty, os.Stdout, os.Stderr, theirs, read})
	if err != nil {
		ours.Close()
		write.Close()
		return nil, nil, err
	}
	go func() {
		// If the interpreter exits first, the write fails, and the reader of the channel reports it.
		_ = python.WriteProgram(write)
		write.Close()
	}()
	return child, ours, nil
}

// socketPair returns our end as a connection and the child's as a file.
func socketPair() (net.Conn, *os.File, error) {
	syscall.ForkLock.RLock() // no fork before close-on-exec is set
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(ends[0])
		syscall.CloseOnExec(ends[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, err
	}
	ours := os.NewFile(uintptr(ends[0]), "worker host")
	theirs := os.NewFile(uintptr(ends[1]), "worker host")
	defer ours.Close()
	connection, err := net.FileConn(ours)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return connection, theirs, nil
}
