package host

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/python"
)

// hostFolder is set if this program acts as a worker host, with faults that a real one does not have on demand.
const hostFolder = "HOST_TEST_FOLDER"

// limit is only waited for in a failing test.
const limit = 20 * time.Second

func TestMain(m *testing.M) {
	if folder := os.Getenv(hostFolder); folder != "" {
		serveAsHost(folder)
		return
	}
	goleak.VerifyTestMain(m)
}

// serveAsHost acts as a worker host. Files in the folder make it fail: "shortage" makes it exit at once, "slow" keeps
// it from answering Hello, "deaf" from reading once it is configured. It creates another "ready" with each
// configuration.
func serveAsHost(folder string) {
	there := func(name string) bool { _, err := os.Stat(filepath.Join(folder, name)); return err == nil }
	if there("shortage") {
		os.Exit(1)
	}
	channel, err := net.FileConn(os.NewFile(3, "channel"))
	if err != nil {
		os.Exit(2)
	}
	for {
		question, err := protocol.Read(channel)
		if err != nil {
			return
		}
		var answer protocol.Message
		switch question := question.(type) {
		case protocol.Hello:
			if there("slow") {
				select {}
			}
			answer = protocol.Ready{Version: protocol.Version, Scaler: "2.9.0"}
		case protocol.Configure:
			if reason, refuse := question.Options["refuse"].(string); refuse {
				answer = protocol.Failed{Error: reason}
				break
			}
			if _, err := os.CreateTemp(folder, "ready"); err != nil {
				os.Exit(2)
			}
			answer = protocol.Configured{Unknown: []string{"bogus"}}
		case protocol.Start:
			answer = protocol.Started{Worker: question.Worker, Pid: os.Getpid()}
		case protocol.Ping:
			answer = protocol.Pong{}
		default:
			continue
		}
		frame, err := protocol.Encode(answer)
		if err == nil {
			_, err = channel.Write(frame)
		}
		if err != nil {
			os.Exit(2)
		}
		for there("deaf") {
			time.Sleep(time.Hour)
		}
	}
}

// fixture is a Supervisor with this program as the host.
type fixture struct {
	*Supervisor
	t      *testing.T
	folder string
	events chan Event
	cancel func()
	ended  chan error // what Run returned
}

func newFixture(t *testing.T, change func(*Supervisor)) *fixture {
	t.Helper()
	f := &fixture{t: t, folder: t.TempDir(), events: make(chan Event, 10000), ended: make(chan error, 1)}
	t.Setenv(hostFolder, f.folder)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	children := process.NewChildren(nil)
	f.Supervisor = New(Options{
		Children:    children,
		Interpreter: python.Interpreter{Path: program, Reason: "test"},
		Emit:        func(e Event) { f.events <- e },
	})
	if change != nil {
		change(f.Supervisor)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	go func() { f.ended <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-f.Supervisor.ended
		children.Close()
	})
	return f
}

// newConfigured returns a fixture with a host that is ready.
func newConfigured(t *testing.T, change func(*Supervisor)) *fixture {
	t.Helper()
	f := newFixture(t, change)
	if _, err := f.Configure(f.patiently(), protocol.Configure{}); err != nil {
		t.Fatal(err)
	}
	f.expect(Ready{1})
	return f
}

func (f *fixture) patiently() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	f.t.Cleanup(cancel)
	return ctx
}

func (f *fixture) set(name string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.folder, name), nil, 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) unset(name string) {
	f.t.Helper()
	if err := os.Remove(filepath.Join(f.folder, name)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) expect(want Event) {
	f.t.Helper()
	select {
	case got := <-f.events:
		if got != want {
			f.t.Fatalf("got event %#v, want %#v", got, want)
		}
	case <-time.After(limit):
		f.t.Fatalf("no event, want %#v", want)
	}
}

func (f *fixture) expectEnd() error {
	f.t.Helper()
	select {
	case err := <-f.ended:
		return err
	case <-time.After(limit):
		f.t.Fatal("the supervisor has not ended")
		return nil
	}
}

func (f *fixture) kill() {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.current.child.Signal(9); err != nil {
		f.t.Fatal(err)
	}
}
