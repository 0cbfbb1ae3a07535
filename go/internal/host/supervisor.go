package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/python"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

const (
	// importTime bounds the import of Scaler by the first host, which may come from a slow network file system.
	importTime = 5 * time.Minute

	// Later hosts find the files in the page cache: they get some times what the first one took, and this at least.
	leastImportTime = 20 * time.Second
	importFactor    = 10

	// pingInterval is how often a host is asked for a sign of life, pingsMissed after how many
	// of them without one it is taken for hung and killed.
	pingInterval = 5 * time.Second
	pingsMissed  = 3

	// patience is how long hosts may die young or not come to be, one after the other, before there is no further
	// one: longer than a shortage of processes, descriptors or memory usually is.
	patience = 5 * time.Minute
)

// ErrHostDied is returned when the worker host died and none that lives could be started.
var ErrHostDied = errors.New("the worker host died again and again")

// Events of a supervisor, in the order in which they come. Each carries the number of the host that it is about: they
// count from 1.
type (
	// Ready says that a host is configured and takes starts.
	Ready struct{ Incarnation int }
	// Message is what a host says of its workers.
	Message struct {
		Incarnation int
		Message     protocol.Message
	}
	// Lost says that a host has ended. It comes for each that was Ready, before the next one's Ready.
	Lost struct{ Incarnation int }
)

// Event is one of the types above.
type Event interface{ incarnation() int }

func (e Ready) incarnation() int   { return e.Incarnation }
func (e Message) incarnation() int { return e.Incarnation }
func (e Lost) incarnation() int    { return e.Incarnation }

// Options of a supervisor.
type Options struct {
	Children    *process.Children
	Interpreter python.Interpreter
	Hello       protocol.Hello
	// Emit is called with each event from the goroutine of Run. It may wait; nothing that it waits for may wait for
	// the supervisor.
	Emit func(Event)
	Log  *logging.Logger
}

// Supervisor keeps a worker host running. Run owns all but what mu guards.
type Supervisor struct {
	options                Options
	patience, pingInterval time.Duration // the constants but for tests
	importTime             time.Duration // of the next host
	leastImportTime        time.Duration // the constant but for tests
	introduced             chan protocol.Ready
	configurations         chan configuration
	checks                 chan check
	ended                  chan struct{} // Run has returned, for the reason in failure
	failure                error

	mu      sync.Mutex // guards below
	current *host      // nil when there is none that is ready
}

// configuration is how workers are to be, for all hosts from now on, and who wants to know what came of it.
type configuration struct {
	protocol.Configure
	answer chan<- configured // has room for the answer; nil when nobody asks any more
}

type configured struct {
	unknown []string
	err     error
}

// New makes a supervisor that has not begun.
func New(options Options) *Supervisor {
	options.Hello.Version = protocol.Version
	return &Supervisor{
		options:         options,
		patience:        patience,
		pingInterval:    pingInterval,
		importTime:      importTime,
		leastImportTime: leastImportTime,
		introduced:      make(chan protocol.Ready, 1),
		configurations:  make(chan configuration),
		checks:          make(chan check),
		ended:           make(chan struct{}),
	}
}

// Introduction waits for what the first host has found.
func (s *Supervisor) Introduction(ctx context.Context) (protocol.Ready, error) {
	select {
	case ready := <-s.introduced:
		return ready, nil
	case <-s.ended:
		return protocol.Ready{}, s.failure
	case <-ctx.Done():
		return protocol.Ready{}, ctx.Err()
	}
}

// Configure says how workers are to be from now on, and returns the names of options that the installed release does
// not have. The error is the release's own complaint. The first call makes the host Ready.
func (s *Supervisor) Configure(ctx context.Context, configure protocol.Configure) (unknown []string, err error) {
	answer := make(chan configured, 1)
	select {
	case s.configurations <- configuration{configure, answer}:
	case <-s.ended:
		return nil, s.failure
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case got := <-answer:
		return got.unknown, got.err
	case <-s.ended:
		return nil, s.failure
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// check is a question of Check, and who wants to know what came of it.
type check struct {
	protocol.Check
	answer chan<- protocol.Checked // has room for the answer; closed when there is none
}

// Check asks the host whether the installed Scaler reads and writes an agent's messages as we do. The error says why
// there is no answer.
func (s *Supervisor) Check(ctx context.Context, question protocol.Check) (checked protocol.Checked, err error) {
	answer := make(chan protocol.Checked, 1)
	select {
	case s.checks <- check{question, answer}:
	case <-s.ended:
		return checked, s.failure
	case <-ctx.Done():
		return checked, ctx.Err()
	}
	select {
	case checked, answered := <-answer:
		if !answered {
			return checked, ErrGone
		}
		return checked, nil
	case <-s.ended:
		return checked, s.failure
	case <-ctx.Done():
		return checked, ctx.Err()
	}
}

// Send queues a message for the host that is ready, and drops it when there is none. It never waits.
func (s *Supervisor) Send(message protocol.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return nil // Lost is on its way, and tells all that this would
	}
	return s.current.send(message)
}

func (s *Supervisor) setCurrent(h *host) {
	s.mu.Lock()
	s.current = h
	s.mu.Unlock()
}

// Run keeps a host running until ctx ends. The error says why there can be none.
func (s *Supervisor) Run(ctx context.Context) (err error) {
	defer func() { s.failure = errors.Join(err, ctx.Err()); close(s.ended) }()
	var (
		wanted  *configuration // as soon as there is one
		deaths  int            // in a row, of young hosts and of those that never came to be
		failing time.Time      // since when
	)
	for incarnation := 1; ; incarnation++ {
		l := life{Supervisor: s, incarnation: incarnation, configuration: wanted}
		lostBy := l.run(ctx)
		wanted = l.configuration
		switch {
		case ctx.Err() != nil:
			return nil
		case !l.introduced && incarnation == 1:
			return lostBy
		case l.ready:
			s.options.Log.Errorf("the worker host (pid %d) is lost, and its workers with it (%v); starting another one", l.host.child.Pid, lostBy)
		default:
			s.options.Log.Errorf("cannot start another worker host: %v", lostBy)
		}
		if deaths == 0 || l.ready && time.Since(l.readyAt) > worker.EarlyDeath {
			deaths, failing = 0, time.Now()
		}
		if deaths++; time.Since(failing) > s.patience {
			return fmt.Errorf("%w: %w", ErrHostDied, lostBy)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(worker.Backoff(deaths)):
		}
	}
}
