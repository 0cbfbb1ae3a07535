package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a manager that can only be read: any other method panics.
type fake struct {
	control.Manager

	mu     sync.Mutex
	state  state.Manager
	err    error
	events []state.Event
	asked  int
	hangs  chan struct{} // if not nil, Status waits for it
}

func (f *fake) Status(_ context.Context, proportional bool) (state.Manager, error) {
	if proportional {
		panic("reading PSS is too slow for the page")
	}
	f.mu.Lock()
	f.asked++
	hangs := f.hangs
	f.mu.Unlock()
	if hangs != nil {
		<-hangs
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	found := f.state
	if found.Now.IsZero() {
		found.Now = time.Now()
	}
	return found, f.err
}

// count returns the number of calls of Status.
func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fake) Events(after uint64) ([]state.Event, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, event := range f.events {
		if event.ID > after {
			return f.events[i:], nil
		}
	}
	return nil, nil
}

func serving() *fake {
	return &fake{
		state: state.Manager{
			Version: state.Version, ID: "NAT|host|1", Phase: state.Serving, Mode: "dynamic", Agent: "native",
			Scheduler: state.Scheduler{Address: "tcp://127.0.0.1:8516", Connected: true},
			Workers:   state.Workers{Desired: 2, Actual: 2, Registered: 2, Busy: 1},
		},
		events: []state.Event{
			{ID: 1, Kind: state.ManagerStarted, Text: "first"}, {ID: 2, Kind: state.WorkerStarted, Worker: "w", Text: "second"},
		},
	}
}

// serve runs a server for the length of a test.
func serve(t *testing.T, manager control.Manager, o Options) *Server {
	t.Helper()
	if o.Address == "" {
		o.Address, o.Host, o.Loopback = "127.0.0.1:0", "127.0.0.1", true
	}
	log, err := logging.New([]string{os.DevNull}, logging.Debug)
	if err != nil {
		t.Fatal(err)
	}
	o.Log = log
	s, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Serve(ctx, manager)
	}()
	t.Cleanup(func() {
		end()
		<-ended
	})
	return s
}

// answer is a response.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request, each on a connection of its own, which leaves no goroutine behind.
func ask(t *testing.T, s *Server, method, path string, change ...func(*http.Request)) answer {
	t.Helper()
	request, err := http.NewRequest(method, s.URL()+strings.TrimPrefix(path, "/"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(request)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func get(t *testing.T, s *Server, path string, change ...func(*http.Request)) answer {
	t.Helper()
	return ask(t, s, http.MethodGet, path, change...)
}

func (a answer) String() string { return fmt.Sprintf("%d %q", a.status, a.body) }
