package agents

import (
	"errors"
	"fmt"
	"testing"
)

// pipe is a connection that takes frames when the test does, or breaks.
type pipe struct {
	sent  chan []byte
	broke chan struct{}
}

func newPipe() *pipe { return &pipe{make(chan []byte), make(chan struct{})} }

func (p *pipe) Send(frame []byte) error {
	select {
	case p.sent <- frame:
		return nil
	case <-p.broke:
		return errors.New("broken")
	}
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
		o.put([]byte(fmt.Sprint(i))) // nobody waits for the connection
	}
	first.expect(t, "a", "0")
	close(first.broke)
	second := newPipe()
	o.attach(nil)
	o.attach(second)
	second.expect(t, "1", "2") // what the first could not send is not lost
	<-o.flushed()
}

func TestOutboxLimit(t *testing.T) {
	o := &outbox{limit: 10}
	if !o.put(make([]byte, 100)) { // one frame always fits
		t.Fatal("a frame did not fit into an empty outbox")
	}
	if o.put([]byte("b")) {
		t.Fatal("there is no limit")
	}
	o.clear()
	if !o.put([]byte("c")) {
		t.Fatal("what was dropped still counts")
	}
	<-o.flushed() // without a connection there is nothing to wait for
}

func TestOutboxClearedWhileItWrites(t *testing.T) {
	o := &outbox{limit: 1 << 10}
	p := newPipe()
	o.attach(p)
	o.put([]byte("a"))
	o.put([]byte("b"))
	o.clear()
	o.put([]byte("c"))
	got := string(<-p.sent)
	if got == "a" { // it was on its way
		got = string(<-p.sent)
	}
	if got != "c" {
		t.Fatalf("sent %q", got)
	}
	<-o.flushed()
}
