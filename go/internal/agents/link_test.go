package agents

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/readiness"
)

// A ZMQ connection that replaces another one gets only a heartbeat until the scheduler has answered. If it does not
// answer, the worker connects once more, and nothing is lost.
func TestUnansweredConnection(t *testing.T) {
	for name, poll := range map[string]func() (*readiness.Poller, error){
		"loop":       readiness.New,
		"goroutines": func() (*readiness.Poller, error) { return nil, errors.ErrUnsupported },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(s *Set) { s.poll, s.silence = poll, 200*time.Millisecond })
			scheduler, processor := b.readyAt(1, "")
			b.begin(1, "task", scheduler, processor)
			scheduler.raw.Close()
			unanswered := b.accept("")
			unanswered.expect(tags.Heartbeat)
			processor.send(b.result("task"))
			answered := b.accept("")
			if got, err := unanswered.Receive(); err == nil {
				t.Fatalf("%q was sent over a connection that nobody reads", got)
			}
			answered.expect(tags.Heartbeat)
			answered.send(b.echo())
			answered.expect(tags.TaskResult)
			answered.send(b.task("next"))
			processor.receive()
		})
	}
}

// A worker that was told to end while it had no connection disconnects over the next one. It sends no heartbeats then.
func TestDisconnectWithoutConnection(t *testing.T) {
	b := newBench(t, func(s *Set) { s.silence = time.Hour })
	scheduler, processor := b.readyAt(1, "")
	b.begin(1, "task", scheduler, processor)
	scheduler.raw.Close()
	b.set.Terminate(1) // handled before the next handshake, which waits for accept
	if got := b.accept("").receive(); !bytes.Equal(got, disconnect) {
		t.Fatalf("received %q", got)
	}
}

// Nothing is sent after a heartbeat that is not answered, but for the disconnect of a worker that ends.
func TestDisconnectOverUnansweredConnection(t *testing.T) {
	b := newBench(t, func(s *Set) { s.silence = time.Hour })
	scheduler, processor := b.readyAt(1, "")
	b.begin(1, "task", scheduler, processor)
	scheduler.raw.Close()
	unanswered := b.accept("")
	unanswered.expect(tags.Heartbeat)
	b.set.Ended(1)
	if got := unanswered.receive(); !bytes.Equal(got, disconnect) {
		t.Fatalf("received %q", got)
	}
}
