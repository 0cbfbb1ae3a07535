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

// comings has a link tell of its scheduler's coming and going.
func comings(l *Link) <-chan string {
	told := make(chan string, 64)
	l.Found = func(another bool) {
		if another {
			told <- "found another"
		} else {
			told <- "found"
		}
	}
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
			t.Fatalf("told %q, want %q", got, want)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("told %q, want %q", got, want)
	}
}

func TestAnotherSchedulerIsToldFromTheSame(t *testing.T) {
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

func TestLossIsToldOnce(t *testing.T) {
	o := options(address.Address{Scheme: address.IPC, Path: filepath.Join(t.TempDir(), "nobody")})
	o.ReconnectTimeout = 400 * time.Millisecond // some tries
	told := comings(&o.Link)
	r := run(t, o)
	if err := r.end(); err == nil {
		t.Error("there is somebody")
	}
	expect(t, told, "lost")
	if len(told) > 0 {
		t.Errorf("told %q too", <-told)
	}
}

// Where nothing listens any more the next scheduler is another one, if schedulers are told apart at all.
func TestGoneIsToldOnce(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.ReconnectTimeout = 400 * time.Millisecond
	told := comings(&o.Link)
	r := run(t, o)
	m := s.accept()
	s.listener.Close()
	m.reset()
	if err := r.end(); err == nil {
		t.Error("there is somebody")
	}
	expect(t, told, "found", "lost", "gone")
	if len(told) > 0 {
		t.Errorf("told %q too", <-told)
	}
}

func TestAnEndThatWasAskedForIsNoLoss(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	told := comings(&o.Link)
	r := run(t, o)
	s.accept()
	expect(t, told, "found")
	r.cancel()
	if err := r.end(); err != nil || len(told) > 0 {
		t.Errorf("ended with %v, and %d words", err, len(told))
	}
}

func TestFirstConnectionIsGoneOnWith(t *testing.T) {
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
