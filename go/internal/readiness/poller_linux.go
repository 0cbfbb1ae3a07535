package readiness

import (
	"errors"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// atOnce is how many sockets one Take returns at most.
const atOnce = 64

// Poller watches sockets, each under a token of the caller's. A token must not be reused, so that an event of a closed
// file descriptor is not attributed to the next one with the same number. Only Wake may be called concurrently.
type Poller struct {
	wakes
	descriptor int
	file       *os.File // of descriptor
	waited     chan struct{}
	events     [atOnce]unix.EpollEvent
	found      []uint64
}

// New returns a Poller without sockets, and starts its goroutine.
func New() (*Poller, error) {
	descriptor, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	// Go's own poller watches this epoll file descriptor (see epoll(7)), so that no thread blocks in epoll_wait.
	if err := unix.SetNonblock(descriptor, true); err != nil {
		unix.Close(descriptor)
		return nil, os.NewSyscallError("fcntl", err)
	}
	p := &Poller{descriptor: descriptor, file: os.NewFile(uintptr(descriptor), "epoll"), waited: make(chan struct{})}
	p.ready = make(chan struct{}, 1)
	raw, err := p.file.SyscallConn()
	if err == nil {
		err = p.file.SetReadDeadline(time.Time{}) // fails if Go's poller does not support it
	}
	if err != nil {
		p.file.Close()
		return nil, err
	}
	go p.wait(raw)
	return p, nil
}

// wait signals each event of Go's poller. It uses a single Read, because a new one would lose events that come in
// between.
func (p *Poller) wait(raw syscall.RawConn) {
	defer close(p.waited)
	_ = raw.Read(func(uintptr) bool {
		p.signal()
		return false
	})
}

// Add watches a socket. Take returns its token as long as the socket is readable or at its end. Closing the socket
// removes it.
func (p *Poller) Add(socket syscall.RawConn, token uint64) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(uint32(token)), Pad: int32(uint32(token >> 32))}
	return p.control(unix.EPOLL_CTL_ADD, socket, &event)
}

// Remove stops watching a socket.
func (p *Poller) Remove(socket syscall.RawConn) error {
	return p.control(unix.EPOLL_CTL_DEL, socket, nil)
}

func (p *Poller) control(operation int, socket syscall.RawConn, event *unix.EpollEvent) (err error) {
	closed := socket.Control(func(descriptor uintptr) {
		err = unix.EpollCtl(p.descriptor, operation, int(descriptor), event)
	})
	return errors.Join(closed, os.NewSyscallError("epoll_ctl", err))
}

// Take returns the tokens of readable sockets, at most some of them, and those given to Wake. It does not block. The
// result is valid until the next Take.
func (p *Poller) Take() []uint64 {
	p.found = append(p.found[:0], p.take()...)
	n, failure := p.look()
	for _, event := range p.events[:n] {
		p.found = append(p.found, uint64(uint32(event.Fd))|uint64(uint32(event.Pad))<<32)
	}
	// Go's poller reports the next event only after epoll has returned none: until then, look again.
	if n > 0 || failure == unix.EINTR {
		p.signal()
	}
	return p.found
}

// look is a non-blocking epoll_wait(2). As a raw system call it does not wake the monitor thread of Go's runtime.
func (p *Poller) look() (n int, failure syscall.Errno) {
	found, _, failure := unix.RawSyscall6(
		unix.SYS_EPOLL_PWAIT, uintptr(p.descriptor), uintptr(unsafe.Pointer(&p.events[0])), atOnce, 0, 0, 0,
	)
	if failure != 0 {
		return 0, failure
	}
	return int(found), 0
}

// Close closes the Poller and waits for its goroutine.
func (p *Poller) Close() {
	p.file.Close()
	<-p.waited
}
