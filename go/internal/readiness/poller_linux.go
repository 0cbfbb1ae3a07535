package readiness

import (
	"errors"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// atOnce is how many sockets one Take tells of.
const atOnce = 64

// Poller watches sockets, each under a token of its owner's. A token is not used again, so that what is told of a
// descriptor that was closed meanwhile is not taken for news of the next one that has its number. It is for one goroutine,
// but for Wake.
type Poller struct {
	wakes
	descriptor int
	file       *os.File // of descriptor
	waited     chan struct{}
	events     [atOnce]unix.EpollEvent
	found      []uint64
}

// New makes a poller without sockets, and a goroutine that waits for all that it will have.
func New() (*Poller, error) {
	descriptor, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	// Go's own poller waits for descriptors that do not block, this one among them (epoll(7), Linux): no thread has to.
	if err := unix.SetNonblock(descriptor, true); err != nil {
		unix.Close(descriptor)
		return nil, os.NewSyscallError("fcntl", err)
	}
	p := &Poller{descriptor: descriptor, file: os.NewFile(uintptr(descriptor), "epoll"), waited: make(chan struct{})}
	p.ready = make(chan struct{}, 1)
	raw, err := p.file.SyscallConn()
	if err == nil {
		err = p.file.SetReadDeadline(time.Time{}) // fails where Go's poller does not take it
	}
	if err != nil {
		p.file.Close()
		return nil, err
	}
	go p.wait(raw)
	return p, nil
}

// wait signals each time that Go's poller tells that there is something new: in one call, because a new one would forget
// what came between them.
func (p *Poller) wait(raw syscall.RawConn) {
	defer close(p.waited)
	_ = raw.Read(func(uintptr) bool {
		p.signal()
		return false
	})
}

// Add begins to watch a socket, and tells of it under a token for as long as there is something to be read or it has ended.
// To close the socket ends that.
func (p *Poller) Add(socket syscall.RawConn, token uint64) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(uint32(token)), Pad: int32(uint32(token >> 32))}
	return p.control(unix.EPOLL_CTL_ADD, socket, &event)
}

// Remove ends what Add began.
func (p *Poller) Remove(socket syscall.RawConn) error {
	return p.control(unix.EPOLL_CTL_DEL, socket, nil)
}

func (p *Poller) control(operation int, socket syscall.RawConn, event *unix.EpollEvent) (err error) {
	closed := socket.Control(func(descriptor uintptr) {
		err = unix.EpollCtl(p.descriptor, operation, int(descriptor), event)
	})
	return errors.Join(closed, os.NewSyscallError("epoll_ctl", err))
}

// Take returns the tokens of sockets that have something, of some if there are many, and those given to Wake. It does not
// wait. What it returns is valid until the next Take.
func (p *Poller) Take() []uint64 {
	p.found = append(p.found[:0], p.take()...)
	n, failure := p.look()
	for _, event := range p.events[:n] {
		p.found = append(p.found, uint64(uint32(event.Fd))|uint64(uint32(event.Pad))<<32)
	}
	// Go's poller tells again only after there was nothing: until then, there may be more, or the same again.
	if n > 0 || failure == unix.EINTR {
		p.signal()
	}
	return p.found
}

// look is epoll_wait(2) without a wait: a raw system call, for which Go's runtime does not wake its monitor thread.
func (p *Poller) look() (n int, failure syscall.Errno) {
	found, _, failure := unix.RawSyscall6(
		unix.SYS_EPOLL_PWAIT, uintptr(p.descriptor), uintptr(unsafe.Pointer(&p.events[0])), atOnce, 0, 0, 0,
	)
	if failure != 0 {
		return 0, failure
	}
	return int(found), 0
}

// Close ends the poller, and waits for its goroutine.
func (p *Poller) Close() {
	p.file.Close()
	<-p.waited
}
