// Package host supervises the worker host, the Python process that has imported Scaler and forks the workers. It starts
// a host, talks to it, kills one that hangs, and replaces one that has exited.
package host

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/mailbox"
	"github.com/scaler-native/scaler-native/go/internal/process"
)

// ErrGone matches errors about a host that has exited or closed its channel.
var ErrGone = errors.New("the worker host is gone")

// exitTime is how long a host may take to exit after its channel is closed, before it is killed.
const exitTime = 2 * time.Second

// host is one process of the worker host. One goroutine reads its channel, another one writes to it.
type host struct {
	child    *process.Child
	channel  net.Conn
	received chan protocol.Message // closed when reading has ended, because of failure
	failure  error
	closing  chan struct{}
	// Used by the supervisor's goroutine: files that workers leave behind if the host dies, by pid, and the prefixes of
	// the names of those that were not reported.
	sockets    map[int][]string
	prefix     string
	semaphores string

	queue *mailbox.Box[[]byte] // unwritten frames

	finished sync.WaitGroup // of the two goroutines
}

func newHost(children *process.Children, interpreter string) (*host, error) {
	child, channel, err := start(children, interpreter)
	if err != nil {
		return nil, err
	}
	h := &host{
		child:    child,
		channel:  channel,
		received: make(chan protocol.Message),
		closing:  make(chan struct{}),
		sockets:  map[int][]string{},
		queue:    mailbox.New[[]byte](),
	}
	h.finished.Add(2)
	go h.read()
	go h.write()
	return h, nil
}

// send queues a message. It never blocks. The pool limits what is in flight, and a host that does not read is killed
// because it does not answer pings either. An error means that the message cannot be encoded, which is a bug.
func (h *host) send(message protocol.Message) error {
	frame, err := protocol.Encode(message)
	if err != nil {
		return err
	}
	h.queue.Put(frame)
	return nil
}

func (h *host) write() {
	defer h.finished.Done()
	for {
		select {
		case <-h.queue.Ready():
		case <-h.closing:
			return
		}
		frames := net.Buffers(h.queue.Take())
		if _, err := frames.WriteTo(h.channel); err != nil {
			return // the reader gets an error, too, and reports it
		}
	}
}

func (h *host) read() {
	defer h.finished.Done()
	defer close(h.received)
	for {
		message, err := protocol.Read(h.channel)
		if err != nil {
			if h.failure = err; !errors.Is(err, protocol.ErrFrame) {
				h.failure = fmt.Errorf("%w: %w", ErrGone, err)
			}
			return
		}
		select {
		case h.received <- message:
		case <-h.closing:
			return
		}
	}
}

// end closes the channel, on which the host kills its workers and exits. If it has not exited after patience, it is
// killed, but not its process group: that includes the resource tracker of Python's multiprocessing, which removes the
// semaphores of dead processors once the last process that uses it has exited.
func (h *host) end(patience time.Duration) {
	close(h.closing)
	h.channel.Close()
	h.finished.Wait()
	for _, wait := range []time.Duration{patience, exitTime} {
		select {
		case <-h.child.Done():
			return
		case <-time.After(wait):
			_ = h.child.Signal(syscall.SIGKILL)
		}
	}
}

// ended returns how the host exited, if it has.
func (h *host) ended() (how string, ended bool) {
	select {
	case <-h.child.Done():
		return process.Describe(h.child.Status()), true
	default:
		return "still running", false
	}
}

// note records the files that a host removes when it reaps a worker.
func (h *host) note(message protocol.Message) {
	switch message := message.(type) {
	case protocol.Ready:
		h.prefix, h.semaphores = message.Sockets, message.Semaphores
	case protocol.Socket:
		h.sockets[message.Pid] = append(h.sockets[message.Pid], message.Path)
	case protocol.Exited:
		delete(h.sockets, message.Pid)
	}
}

// removeFiles removes the files of the workers of a host that has exited. Semaphores are normally removed by Python's
// resource tracker, but not if that was killed as well.
func (h *host) removeFiles() error {
	left := slices.Concat(slices.Collect(maps.Values(h.sockets))...)
	if h.prefix != "" {
		folders := map[string]bool{filepath.Dir(h.prefix): true} // workers with a TMPDIR of their own use another one
		for _, path := range left {
			folders[filepath.Dir(path)] = true
		}
		for folder := range folders {
			found, _ := filepath.Glob(filepath.Join(folder, filepath.Base(h.prefix)) + "*")
			left = append(left, found...)
		}
	}
	if h.semaphores != "" {
		found, _ := filepath.Glob(h.semaphores + "*")
		left = append(left, found...)
	}
	var failures []error
	for _, path := range left {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}
