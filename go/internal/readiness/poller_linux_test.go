package readiness

import (
	"net"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

func poller(t *testing.T) *Poller {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// sockets returns both ends of a connection.
func sockets(t *testing.T) (near, far *net.UnixConn) {
	t.Helper()
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialed, err := net.Dial("unix", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialed.Close(); accepted.Close() })
	return accepted.(*net.UnixConn), dialed.(*net.UnixConn)
}

func raw(t *testing.T, socket *net.UnixConn) syscall.RawConn {
	t.Helper()
	raw, err := socket.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func add(t *testing.T, p *Poller, socket *net.UnixConn, token uint64) {
	t.Helper()
	if err := p.Add(raw(t, socket), token); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, to *net.UnixConn) {
	t.Helper()
	if _, err := to.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
}

// next waits until Take returns something.
func next(t *testing.T, p *Poller) []uint64 {
	t.Helper()
	for {
		select {
		case <-p.Ready():
			if found := p.Take(); len(found) > 0 {
				return slices.Clone(found)
			}
		case <-time.After(patience):
			t.Fatal("nothing is ready")
		}
	}
}

func expect(t *testing.T, p *Poller, want ...uint64) {
	t.Helper()
	if got := next(t, p); !slices.Equal(got, want) {
		t.Fatalf("got %x, want %x", got, want)
	}
}

// nothing checks that Take returns nothing.
func nothing(t *testing.T, p *Poller) {
	t.Helper()
	for {
		select {
		case <-p.Ready():
			continue
		default:
		}
		if found := p.Take(); len(found) > 0 {
			t.Fatalf("got %x, want nothing", found)
		}
		return
	}
}

func read(t *testing.T, from *net.UnixConn) {
	t.Helper()
	if _, err := from.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
}

func TestReadableSocketIsReturnedAgain(t *testing.T) {
	p := poller(t)
	near, far := sockets(t)
	const token = 1<<63 | 1<<31 | 1
	write(t, far)
	add(t, p, near, token)
	expect(t, p, token)
	expect(t, p, token)
	read(t, near)
	nothing(t, p)
	for range 100 {
		write(t, far)
		expect(t, p, token)
		read(t, near)
	}
	far.Close()
	expect(t, p, token)
}

func TestEveryEventIsReturned(t *testing.T) {
	p := poller(t)
	near, far := sockets(t)
	add(t, p, near, 1)
	wrote := make(chan struct{})
	go func() {
		for range 20_000 {
			far.Write([]byte("x"))
			<-wrote
		}
	}()
	for range 20_000 {
		expect(t, p, 1)
		read(t, near)
		wrote <- struct{}{}
	}
}

func TestManySockets(t *testing.T) {
	p := poller(t)
	waiting := map[uint64]bool{}
	for token := range uint64(3 * atOnce) {
		near, far := sockets(t)
		add(t, p, near, token)
		write(t, far)
		waiting[token] = true
	}
	// None is read: the first ones must not keep Take from returning the others.
	for range 6 {
		for _, token := range next(t, p) {
			delete(waiting, token)
		}
	}
	if len(waiting) > 0 {
		t.Errorf("nothing is told of %v", waiting)
	}
}

func TestRemove(t *testing.T) {
	p := poller(t)
	near, far := sockets(t)
	add(t, p, near, 1)
	if err := p.Remove(raw(t, near)); err != nil {
		t.Fatal(err)
	}
	write(t, far)
	nothing(t, p)
	add(t, p, near, 2)
	expect(t, p, 2)
}

func TestClosedSocketIsNotReturned(t *testing.T) {
	p := poller(t)
	near, far := sockets(t)
	add(t, p, near, 1)
	write(t, far)
	near.Close()
	nothing(t, p)
	if err := p.Add(raw(t, near), 1); err == nil {
		t.Error("a closed socket is watched")
	}
	near, far = sockets(t) // may have the same file descriptor
	add(t, p, near, 2)
	write(t, far)
	expect(t, p, 2)
}

func TestWake(t *testing.T) {
	p := poller(t)
	go func() { p.Wake(7) }()
	expect(t, p, 7)
	nothing(t, p)
	p.Wake(8)
	p.Wake(8)
	expect(t, p, 8, 8)
}
