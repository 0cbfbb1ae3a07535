package cluster

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A long cable is two TAP interfaces and goroutines that carry Ethernet frames between them, each one for as long as
// the cable is long. Kernels without netem have nothing else that delays packets.

const (
	frameSize   = 65536
	cableFrames = 20000 // on their way at a time; more are lost, as in a router
)

type frame struct {
	due  time.Time
	data []byte
}

// openTap makes a TAP interface in the namespace of this thread. It lasts until the file is closed.
func openTap(t *testing.T, name string) *os.File {
	t.Helper()
	descriptor, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	checked(t, "open /dev/net/tun", err)
	request, err := unix.NewIfreq(name)
	checked(t, "name a TAP interface", err)
	request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
	checked(t, "make a TAP interface", unix.IoctlIfreq(descriptor, unix.TUNSETIFF, request))
	return os.NewFile(uintptr(descriptor), name) // non-blocking, so that Close ends Read
}

func layLongCable(t *testing.T, near, far *os.File, delay time.Duration) {
	t.Helper()
	ended := make(chan struct{}, 4)
	carry := func(from, to *os.File) {
		frames := make(chan frame, cableFrames)
		go func() {
			read(from, frames, delay)
			ended <- struct{}{}
		}()
		go func() {
			deliver(to, frames)
			ended <- struct{}{}
		}()
	}
	carry(near, far)
	carry(far, near)
	t.Cleanup(func() {
		near.Close()
		far.Close()
		for range 4 {
			<-ended
		}
	})
}

func read(from *os.File, frames chan<- frame, delay time.Duration) {
	defer close(frames)
	buffer := make([]byte, frameSize)
	for {
		count, err := from.Read(buffer)
		if err != nil {
			return
		}
		select {
		case frames <- frame{time.Now().Add(delay), append([]byte(nil), buffer[:count]...)}:
		default:
		}
	}
}

func deliver(to *os.File, frames <-chan frame) {
	for f := range frames {
		if wait := time.Until(f.due); wait > 0 {
			// Go's own timers are up to a millisecond late.
			left := unix.NsecToTimespec(wait.Nanoseconds())
			_ = unix.Nanosleep(&left, nil)
		}
		_, _ = to.Write(f.data) // an interface that is down takes none
	}
}
