package agents

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// pipe is a connection that takes a frame when the test does, or fails.
type pipe struct {
	sent  chan []byte
	broke chan struct{}
}

func newPipe() *pipe { return &pipe{make(chan []byte), make(chan struct{})} }

func (p *pipe) SendSome(frames [][]byte) (n int, finish func() error, err error) {
	frame := frames[0]
	return 1, func() error {
		select {
		case p.sent <- frame:
			return nil
		case <-p.broke:
			return errors.New("broken")
		}
	}, nil
}

func (p *pipe) expect(t *testing.T, want ...string) {
	t.Helper()
	for _, text := range want {
		if got := string(<-p.sent); got != text {
			t.Fatalf("sent %q, want %q", got, text)
		}
	}
}

func TestOutbox(t *testing.T) {
	o := &outbox{limit: 1 << 10}
	o.put([]byte("a")) // before there is a connection
	first := newPipe()
	o.attach(first)
	for i := range 3 {
		o.put([]byte(fmt.Sprint(i)))
		o.flush() // does not block
	}
	first.expect(t, "a", "0")
	close(first.broke)
	second := newPipe()
	o.attach(nil)
	o.attach(second)
	second.expect(t, "1", "2") // unsent frames go to the next connection
	<-o.flushed()
}

func TestOutboxLimit(t *testing.T) {
	o := &outbox{limit: 10}
	if !o.put(make([]byte, 100)) { // one frame always fits
		t.Fatal("a frame does not fit into an empty outbox")
	}
	if o.put([]byte("b")) {
		t.Fatal("there is no limit")
	}
	o.clear()
	if !o.put([]byte("c")) {
		t.Fatal("dropped frames still count")
	}
	<-o.flushed() // without a connection there is nothing to wait for
}

func TestOutboxClearedWhileItWrites(t *testing.T) {
	o := &outbox{limit: 1 << 10}
	p := newPipe()
	o.attach(p)
	o.put([]byte("a"))
	o.flush()
	o.put([]byte("b"))
	o.flush()
	o.clear()
	o.put([]byte("c"))
	o.flush()
	got := string(<-p.sent)
	if got == "a" { // it was being written
		got = string(<-p.sent)
	}
	if got != "c" {
		t.Fatalf("sent %q", got)
	}
	<-o.flushed()
}

// taker takes all frames at once.
type taker struct{ writes []string }

func (t *taker) SendSome(frames [][]byte) (n int, finish func() error, err error) {
	t.writes = append(t.writes, string(bytes.Join(frames, nil)))
	return len(frames), nil, nil
}

func TestOutboxSendsInOneWrite(t *testing.T) {
	o, to := &outbox{limit: 1 << 10}, &taker{}
	o.put([]byte("a"))
	o.attach(to)
	o.put([]byte("b"))
	o.put([]byte("c"))
	o.flush()
	o.flush()
	if !slices.Equal(to.writes, []string{"a", "bc"}) || o.waiting() != 0 || o.bytes != 0 {
		t.Errorf("wrote %q; %d frames and %d bytes are left", to.writes, o.waiting(), o.bytes)
	}
	<-o.flushed()
}
