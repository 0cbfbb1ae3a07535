package agents

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/agent/processors"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	host "github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/message/frame"
	"github.com/scaler-native/scaler-native/go/internal/message/wire"
	"github.com/scaler-native/scaler-native/go/internal/readiness"
	"github.com/scaler-native/scaler-native/go/internal/transport"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/ymq"
)

const patience = 10 * time.Second

var (
	tags       = protocol.TagsOf(message.Declarative2)
	spoken     = transport.Protocol{Kind: transport.YMQ, Version: ymq.Second}
	disconnect = []byte("disconnect")
)

// bench is a Set with fakes of all its peers: a scheduler, the worker host, the manager and a processor, which is this
// process.
type bench struct {
	*testing.T
	set       *Set
	end       func() // cancels Run and waits for it
	path      string // where processors connect
	scheduler net.Listener
	reported  chan host.Message // messages to the host
	emitted   chan any          // events for the manager
}

// eachWay runs a test with the poller, and with a goroutine per connection, as with TLS.
func eachWay(t *testing.T, test func(b *bench)) {
	t.Run("loop", func(t *testing.T) { test(newBench(t, func(*Set) {})) })
	t.Run("goroutines", func(t *testing.T) {
		test(newBench(t, func(s *Set) {
			s.poll = func() (*readiness.Poller, error) { return nil, errors.ErrUnsupported }
		}))
	})
}

func newBench(t *testing.T, prepare func(*Set)) *bench {
	b := &bench{T: t, reported: make(chan host.Message, 100), emitted: make(chan any, 100)}
	folder := t.TempDir()
	b.path = filepath.Join(folder, "processors")
	var err error
	if b.scheduler, err = net.Listen("unix", filepath.Join(folder, "scheduler")); err != nil {
		t.Fatal(err)
	}
	at, err := address.Parse("ipc://" + filepath.Join(folder, "scheduler"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := processors.Listen(b.path, spoken, []byte("agent"))
	if err != nil {
		t.Fatal(err)
	}
	log, err := logging.New([]string{os.DevNull}, logging.Debug)
	if err != nil {
		t.Fatal(err)
	}
	b.set = New(Options{
		Agent:    agent.Options{HeartbeatInterval: time.Hour, DeathTimeout: 2 * time.Hour, KillDelay: time.Hour},
		Codec:    protocol.NewCodec(tags),
		Listener: listener,
		Dial: func(ctx context.Context, identity []byte) (transport.Conn, error) {
			return transport.Dial(ctx, at, transport.Options{Identity: identity})
		},
		Tell: func(m host.Message) { b.reported <- m },
		Emit: func(event any) { b.emitted <- event },
		StoreObject: func(context.Context, string, protocol.ObjectID, []byte) error {
			return nil
		},
		Log: log,
	})
	prepare(b.set)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		b.set.Run(ctx)
		close(ended)
	}()
	b.end = func() {
		cancel()
		await(b, ended)
	}
	t.Cleanup(func() {
		b.end()
		b.scheduler.Close()
	})
	return b
}

// conn is a connection whose frames must arrive within patience.
type conn struct {
	b   *bench
	raw net.Conn
	*ymq.Conn
}

// accept accepts a worker's connection to the scheduler.
func (b *bench) accept(identity string) *conn {
	b.Helper()
	raw, err := b.scheduler.Accept()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { raw.Close() })
	opened, err := ymq.Accept(stream.New(raw, stream.Options{}), spoken.Version, []byte(identity), 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	return &conn{b, raw, opened}
}

// processor connects this process as a processor.
func (b *bench) processor() *conn {
	b.Helper()
	raw, err := net.Dial("unix", b.path)
	if err != nil {
		b.Fatal(err)
	}
	opened, err := ymq.Open(stream.New(raw, stream.Options{}), spoken.Version, []byte("processor"), 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { raw.Close() })
	return &conn{b, raw, opened}
}

func (c *conn) receive() []byte {
	c.b.Helper()
	_ = c.raw.SetReadDeadline(time.Now().Add(patience))
	got, err := c.Receive()
	if err != nil {
		c.b.Fatal(err)
	}
	return got
}

func (c *conn) send(message []byte) {
	c.b.Helper()
	if err := c.Send(message); err != nil {
		c.b.Fatal(err)
	}
}

// expect receives a frame and checks its tag.
func (c *conn) expect(tag uint16) []byte {
	c.b.Helper()
	got := c.receive()
	root, err := frame.Open(got, len(got), 64)
	if err != nil || root.Tag() != tag {
		c.b.Fatalf("received %q (tag %d, %v), want tag %d", got, root.Tag(), err, tag)
	}
	return got
}

func await[T any](b *bench, from <-chan T) (got T) {
	b.Helper()
	select {
	case got = <-from:
	case <-time.After(patience):
		b.Fatal("nothing came")
	}
	return got
}

func expect[T comparable](b *bench, from <-chan T, want T) {
	b.Helper()
	if got := await(b, from); got != want {
		b.Fatalf("got %T%+v, want %T%+v", got, got, want, want)
	}
}

// made encodes a message.
func made(b *bench, tag uint16, body func(*capnp.Segment) (capnp.Ptr, error)) []byte {
	b.Helper()
	bytes, err := frame.Make(tag, 1<<20, body)
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}

func (b *bench) echo() []byte {
	return made(b, tags.Echo, func(s *capnp.Segment) (capnp.Ptr, error) {
		echo, err := wire.NewWorkerHeartbeatEcho(s)
		if err != nil {
			return capnp.Ptr{}, err
		}
		at, err := echo.NewStorage()
		if err != nil {
			return capnp.Ptr{}, err
		}
		at.SetPort(1)
		return echo.ToPtr(), at.SetHost("127.0.0.1")
	})
}

func (b *bench) task(id string) []byte {
	return made(b, tags.Task, func(s *capnp.Segment) (capnp.Ptr, error) {
		task, err := wire.NewTask(s)
		if err != nil {
			return capnp.Ptr{}, err
		}
		return task.ToPtr(), task.SetTaskID([]byte(id))
	})
}

func (b *bench) result(id string) []byte {
	b.Helper()
	bytes, err := b.set.options.Codec.TaskResult(protocol.TaskResult{TaskID: id})
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}

func (b *bench) initialized() []byte {
	return made(b, tags.ProcessorInitialized, func(s *capnp.Segment) (capnp.Ptr, error) {
		empty, err := capnp.NewStruct(s, capnp.ObjectSize{})
		return empty.ToPtr(), err
	})
}

// ready starts a worker that has registered and has this process as its processor.
func (b *bench) ready(worker int) (scheduler, processor *conn) {
	b.Helper()
	return b.readyAt(worker, "s")
}

// readyAt does so at a scheduler of this identity. Over ZMQ it has none.
func (b *bench) readyAt(worker int, identity string) (scheduler, processor *conn) {
	b.Helper()
	b.set.Start(worker, 1000+worker, "w", disconnect)
	scheduler = b.accept(identity)
	scheduler.expect(tags.Heartbeat)
	scheduler.send(b.echo())
	expect[any](b, b.emitted, Registered{worker})
	expect[host.Message](b, b.reported, host.Fork{Worker: worker, Storage: "tcp://127.0.0.1:1"})
	processor = b.processor()
	processor.send(b.initialized())
	b.set.Handle(host.Processor{Worker: worker, Pid: os.Getpid(), State: host.ProcessorStarted})
	return scheduler, processor
}

// busy starts a worker whose processor has a task.
func (b *bench) busy(worker int, task string) (scheduler, processor *conn) {
	b.Helper()
	scheduler, processor = b.ready(worker)
	b.begin(worker, task, scheduler, processor)
	return scheduler, processor
}

func (b *bench) begin(worker int, task string, scheduler, processor *conn) {
	b.Helper()
	scheduler.send(b.task(task))
	processor.receive()
	expect[any](b, b.emitted, Busy{worker})
}
