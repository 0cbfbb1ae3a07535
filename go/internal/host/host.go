// Package host is the manager's side of the worker host, the Python process that has
// Scaler imported and forks the workers.
package host

import (
	"encoding/json"
	"errors"
	"fmt"

	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/python"
)

// ErrGone is matched by errors about a host that has ended or closed its channel.
var ErrGone = errors.New("the worker host is gone")

// Host is a running worker host. One goroutine may receive while others send.
type Host struct {
	// Pid is the host's process and its process group.
	Pid int

	channel net.Conn
	sending sync.Mutex // guards writes to channel
}

// Start runs the host with the given interpreter. Its standard output and error are
// the manager's own, its standard input is empty. It is killed when the manager dies
// (Linux) and ends when its channel is closed.
func Start(interpreter string) (*Host, error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, fmt.Errorf("cannot make the channel of the worker host: %w", err)
	}
	defer theirs.Close()
	read, write, err := os.Pipe()
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("cannot make a pipe for the worker host: %w", err)
	}
	defer read.Close()
	empty, err := os.Open(os.DevNull)
	if err != nil {
		ours.Close()
		write.Close()
		return nil, err
	}
	defer empty.Close()

	// 3 is the channel, 4 the sources; see boot.py.
	arguments := []string{interpreter, "-c", python.Boot, "server", "3", "4"}
	pid, err := process.Start(arguments, os.Environ(), []*os.File{empty, os.Stdout, os.Stderr, theirs, read})
	if err != nil {
		ours.Close()
		write.Close()
		return nil, err
	}
	go func() {
		// An interpreter that dies first breaks the pipe; its end is told by the channel.
		_ = json.NewEncoder(write).Encode(sources())
		write.Close()
	}()
	return &Host{Pid: pid, channel: ours}, nil
}

// Send gives the host a message. Errors match ErrGone when it has ended.
func (h *Host) Send(message protocol.Message) error {
	frame, err := protocol.Encode(message)
	if err != nil {
		return err
	}
	h.sending.Lock()
	defer h.sending.Unlock()
	if _, err := h.channel.Write(frame); err != nil {
		return fmt.Errorf("%w: %v", ErrGone, err)
	}
	return nil
}

// Receive waits for a message. Errors match ErrGone when the host has ended, or
// protocol.ErrFrame when it sent what is none.
func (h *Host) Receive() (protocol.Message, error) {
	message, err := protocol.Read(h.channel)
	if err != nil && !errors.Is(err, protocol.ErrFrame) {
		return nil, fmt.Errorf("%w: %v", ErrGone, err)
	}
	return message, err
}

// Close ends the channel; the host then kills what it still has and ends.
func (h *Host) Close() { h.channel.Close() }

// Hello introduces the manager and waits until Scaler is imported, which takes some
// tenths of a second. The error says what the host found instead.
func (h *Host) Hello(hello protocol.Hello) (protocol.Ready, error) {
	hello.Version = protocol.Version
	ready, err := ask[protocol.Ready](h, hello)
	if err == nil && ready.Version != protocol.Version {
		err = fmt.Errorf("the worker host speaks version %d, not %d", ready.Version, protocol.Version)
	}
	return ready, err
}

// Configure says how workers are to be. It returns the names of options that the
// installed release does not have; the error is the release's own complaint.
func (h *Host) Configure(configure protocol.Configure) (unknown []string, err error) {
	configured, err := ask[protocol.Configured](h, configure)
	return configured.Unknown, err
}

func ask[Answer protocol.Message](h *Host, question protocol.Message) (answer Answer, err error) {
	if err := h.Send(question); err != nil {
		return answer, err
	}
	message, err := h.Receive()
	if err != nil {
		return answer, err
	}
	switch message := message.(type) {
	case Answer:
		return message, nil
	case protocol.Failed:
		return answer, errors.New(message.Error)
	}
	return answer, fmt.Errorf("%w: the worker host answered %T", protocol.ErrFrame, message)
}

// sources are the Python files by name, as boot.py wants them.
func sources() map[string]string {
	files := map[string]string{}
	_ = fs.WalkDir(python.Sources, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".py") {
			text, _ := python.Sources.ReadFile(path)
			files[path] = string(text)
		}
		return err
	})
	return files
}

// socketPair makes our end as a connection and the child's as a file.
func socketPair() (net.Conn, *os.File, error) {
	syscall.ForkLock.RLock() // no fork between the making and the close-on-exec
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
