package session

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// comings records the callbacks of a link.
func comings(l *Link) <-chan string {
	told := make(chan string, 64)
	l.Found = func(another bool) {
		if another {
			told <- "found another"
		} else {
			told <- "found"
		}
	}
	l.Moved = func() { told <- "moved" }
	l.Lost = func() { told <- "lost" }
	l.Gone = func() { told <- "gone" }
	return told
}

func expect(t *testing.T, told <-chan string, want ...string) {
	t.Helper()
	var got []string
	for range want {
		select {
		case word := <-told:
			got = append(got, word)
		case <-time.After(testPatience):
			t.Fatalf("called %q, want %q", got, want)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("called %q, want %q", got, want)
	}
}

func TestAnotherScheduler(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	told := comings(&o.Link)
	run(t, o)
	m := s.accept()
	expect(t, told, "found")
	m.reset()
	m = s.accept()
	expect(t, told, "lost", "found")
	s.name = "its successor"
	m.connection.Close()
	m = s.accept()
	expect(t, told, "lost", "found another")
	m.connection.Close()
	s.accept()
	expect(t, told, "lost", "found")
}

func TestLostIsCalledOnce(t *testing.T) {
	o := options(address.Address{Scheme: address.IPC, Path: filepath.Join(t.TempDir(), "nobody")})
	o.ReconnectTimeout = 400 * time.Millisecond // some tries
	told := comings(&o.Link)
	r := run(t, o)
	if err := r.end(); err == nil {
		t.Error("something listens")
	}
	expect(t, told, "lost")
	if len(told) > 0 {
		t.Errorf("%q was called, too", <-told)
	}
}

// When nothing listens any more, the next scheduler is another one.
func TestGoneIsCalledOnce(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.ReconnectTimeout = 400 * time.Millisecond
	told := comings(&o.Link)
	r := run(t, o)
	m := s.accept()
	s.subscription.Close()
	m.reset()
	if err := r.end(); err == nil {
		t.Error("something listens")
	}
	expect(t, told, "found", "lost", "gone")
	if len(told) > 0 {
		t.Errorf("%q was called, too", <-told)
	}
}

func TestCancelIsNoLoss(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	told := comings(&o.Link)
	r := run(t, o)
	s.accept()
	expect(t, told, "found")
	r.cancel()
	if err := r.end(); err != nil || len(told) > 0 {
		t.Errorf("ended with %v, %d callbacks", err, len(told))
	}
}

func TestFirstConnectionIsUsed(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.Transport.Identity = []byte("the first")
	dialled := make(chan error, 1)
	go func() {
		var err error
		o.First, err = transport.Dial(context.Background(), o.Scheduler, o.Transport)
		dialled <- err
	}()
	m := s.accept()
	if err := <-dialled; err != nil {
		t.Fatal(err)
	}
	told := comings(&o.Link)
	run(t, o)
	expect(t, told, "found")
	m.receive() // a heartbeat
	m.connection.Close()
	m = s.accept()
	expect(t, told, "lost", "found")
	if string(m.identity) != "the first" {
		t.Errorf("came back as %q", m.identity)
	}
}
