package agents

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"capnproto.org/go/capnp/v3"
	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/transport/ymq"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inLoop runs f in the loop, and waits until it has run.
func (b *bench) inLoop(f func()) {
	done := make(chan struct{})
	b.set.do(func() {
		f()
		close(done)
	})
	<-done
}

// until polls for a condition that has no event.
func until(b *bench, what string, is func() bool) {
	b.Helper()
	for end := time.Now().Add(patience); !is(); runtime.Gosched() {
		if time.Now().After(end) {
			b.Fatalf("not %s", what)
		}
	}
}

func (b *bench) outbox(worker int) (bytes, waits int) {
	b.inLoop(func() {
		o := &b.set.members[worker].scheduler.outbox
		o.mu.Lock()
		defer o.mu.Unlock()
		bytes, waits = o.bytes, len(o.waits)
	})
	return bytes, waits
}

func (b *bench) taskLog(text string) []byte {
	return made(b, tags.TaskLog, func(s *capnp.Segment) (capnp.Ptr, error) {
		content, err := capnp.NewData(s, []byte(text))
		if err != nil {
			return capnp.Ptr{}, err
		}
		log, err := capnp.NewStruct(s, capnp.ObjectSize{PointerCount: 1})
		if err != nil {
			return capnp.Ptr{}, err
		}
		return log.ToPtr(), log.SetPtr(0, content.ToPtr())
	})
}

// A processor that sends more than the scheduler reads has to wait; nothing is lost or reordered.
func TestSchedulerThatDoesNotRead(t *testing.T) {
	eachWay(t, func(b *bench) {
		const logs, size = 100, 64 << 10
		scheduler, processor := b.ready(1)
		text := strings.Repeat("x", size)
		sent := make(chan error, 1)
		go func() {
			for i := range logs {
				if err := processor.Send(b.taskLog(fmt.Sprint(i, text))); err != nil {
					sent <- err
					return
				}
			}
			sent <- nil
		}()
		until(b, "full", func() bool {
			_, waits := b.outbox(1)
			return waits > 0
		})
		if bytes, _ := b.outbox(1); bytes > schedulerLow+2*size {
			b.Errorf("%d bytes wait for the scheduler", bytes)
		}
		for i := range logs {
			if got := scheduler.receive(); !bytes.Equal(got, b.taskLog(fmt.Sprint(i, text))) {
				b.Fatalf("log %d is another one", i)
			}
		}
		if err := <-sent; err != nil {
			b.Error(err)
		}
	})
}

// Frames that wait for the scheduler are dropped when their worker ends.
func TestWorkerEndsWhileSchedulerDoesNotRead(t *testing.T) {
	eachWay(t, func(b *bench) {
		_, processor := b.ready(1)
		go func() {
			for processor.Send(b.taskLog(strings.Repeat("x", 64<<10))) == nil {
			}
		}()
		until(b, "full", func() bool {
			_, waits := b.outbox(1)
			return waits > 0
		})
		b.end()
	})
}

func TestMessagesInPieces(t *testing.T) {
	eachWay(t, func(b *bench) {
		b.set.Start(1, 1001, "w", disconnect)
		scheduler := b.accept("s")
		scheduler.expect(tags.Heartbeat)
		echo := b.echo()
		bytes := append([]byte{byte(len(echo)), 0, 0, 0, 0, 0, 0, 0}, echo...)
		for _, one := range bytes {
			if _, err := scheduler.raw.Write([]byte{one}); err != nil {
				b.Fatal(err)
			}
			b.inLoop(func() {})
		}
		expect[any](b, b.emitted, Registered{1})
	})
}

// A scheduler that sends more than is read does not delay other connections.
func TestFlood(t *testing.T) {
	eachWay(t, func(b *bench) {
		b.set.Start(1, 1001, "v", disconnect)
		first := b.accept("s")
		first.expect(tags.Heartbeat)
		echoes := bytes.Repeat(append([]byte{byte(len(b.echo())), 0, 0, 0, 0, 0, 0, 0}, b.echo()...), 1000)
		ended := make(chan struct{})
		go func() {
			for _, err := first.raw.Write(echoes); err == nil; _, err = first.raw.Write(echoes) {
			}
			close(ended)
		}()
		expect[any](b, b.emitted, Registered{1})
		await(b, b.reported)
		scheduler, processor := b.ready(2)
		scheduler.send(b.task("a"))
		processor.receive()
		first.raw.Close()
		<-ended
	})
}

// Closing a connection on our side, for example after a failed write, ends reading it.
func TestConnectionClosedHere(t *testing.T) {
	eachWay(t, func(b *bench) {
		b.ready(1)
		b.inLoop(func() { b.set.members[1].scheduler.connection.Close() })
		b.accept("s").expect(tags.Heartbeat)
	})
}

// The wait after a disconnect ends when the scheduler closes the connection.
func TestDisconnect(t *testing.T) {
	late := func(s *Set) { s.leave = time.Hour }
	for name, leave := range map[string]func(b *bench){
		"worker": func(b *bench) { b.set.Ended(1) },
		"set":    func(b *bench) { go b.end() },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, late)
			scheduler, _ := b.ready(1)
			leave(b)
			if got := scheduler.receive(); !bytes.Equal(got, disconnect) {
				b.Fatalf("the scheduler received %x", got)
			}
			scheduler.raw.Close()
			b.end()
		})
	}
}

// The connection stays open until the scheduler has answered: sending to a closed one may block it.
func TestDisconnectIsAnswered(t *testing.T) {
	known := tags
	known.DisconnectResponse = 99
	for name, early := range map[string]bool{"before the worker has ended": true, "after": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(s *Set) {
				s.leave, s.answer, s.options.Codec = 0, time.Hour, protocol.NewCodec(known)
			})
			scheduler, _ := b.ready(1)
			if early {
				b.set.Terminate(1)
			} else {
				b.set.Ended(1)
			}
			if got := scheduler.receive(); !bytes.Equal(got, disconnect) {
				b.Fatalf("the scheduler received %x", got)
			}
			_ = scheduler.raw.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			if _, err := scheduler.raw.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				b.Fatalf("the worker has not waited: %v", err)
			}
			_ = scheduler.raw.SetReadDeadline(time.Now().Add(patience))
			scheduler.send(made(b, known.DisconnectResponse, func(s *capnp.Segment) (capnp.Ptr, error) {
				empty, err := capnp.NewStruct(s, capnp.ObjectSize{})
				return empty.ToPtr(), err
			}))
			if early {
				until(b, "answered", func() (answered bool) {
					b.inLoop(func() { answered = b.set.members[1].scheduler.answered })
					return answered
				})
				b.set.Ended(1)
			}
			if _, err := scheduler.raw.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				b.Errorf("the connection has not been closed: %v", err)
			}
			b.end()
		})
	}
}

// Hundreds of idle connections need no goroutine each, and leave no file descriptors behind.
func TestNoLeaks(t *testing.T) {
	const workers = 100
	descriptors, goroutines := open(t), runtime.NumGoroutine()
	t.Run("workers", func(t *testing.T) {
		b := newBench(t, func(*Set) {})
		for worker := range workers {
			b.set.Start(worker, 1000+worker, "w", disconnect)
		}
		accepted := make([]*conn, workers)
		for i := range accepted {
			accepted[i] = b.accept("s")
			accepted[i].expect(tags.Heartbeat)
		}
		until(b, "without goroutines", func() bool { return runtime.NumGoroutine() < goroutines+workers/2 })
		other, err := net.Dial("unix", b.path) // never completes its handshake
		if err != nil {
			b.Fatal(err)
		}
		defer other.Close()
		if _, err := other.Read(make([]byte, ymq.MagicSize)); err != nil {
			b.Fatal(err)
		}
		for _, scheduler := range accepted[workers/2:] {
			scheduler.send(b.echo())
			await(b, b.emitted)
		}
	})
	if left := open(t); left != descriptors {
		t.Errorf("%d descriptors, %d at the start", left, descriptors)
	}
}

// open counts sockets and pollers; other files may be waiting for a finalizer of Go.
func open(t *testing.T) (count int) {
	const descriptors = "/proc/self/fd/"
	entries, err := os.ReadDir(descriptors)
	if err != nil {
		t.Skip(err)
	}
	for _, entry := range entries {
		to, _ := os.Readlink(descriptors + entry.Name())
		if strings.HasPrefix(to, "socket:") || strings.Contains(to, "eventpoll") {
			count++
		}
	}
	return count
}
