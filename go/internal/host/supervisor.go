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
	// importTime limits the import of Scaler by the first host, which may read it from a slow network file system.
	importTime = 5 * time.Minute

	// Later hosts find the files in the page cache. They get importFactor times what the first one took, and at least
	// leastImportTime.
	leastImportTime = 20 * time.Second
	importFactor    = 10

	// pingInterval is the time between pings. A host is killed after more than pingsMissed unanswered ones.
	pingInterval = 5 * time.Second
	pingsMissed  = 3

	// patience is how long hosts may keep dying early, or fail to start, before Run gives up: longer than a shortage of
	// processes, file descriptors or memory usually lasts.
	patience = 5 * time.Minute
)

// ErrHostDied is returned when worker hosts kept dying for too long.
var ErrHostDied = errors.New("the worker host died repeatedly")

// Events of a Supervisor, in the order in which they happened. Incarnation counts the hosts from 1.
type (
	// Ready: a host is configured and can start workers.
	Ready struct{ Incarnation int }
	// Message is a message of a host about its workers.
	Message struct {
		Incarnation int
		Message     protocol.Message
	}
	// Lost: a host has exited. It is emitted for each host that was Ready, before the next Ready.
	Lost struct{ Incarnation int }
)

// Event is one of the types above.
type Event interface{ event() }

func (Ready) event()   {}
func (Message) event() {}
func (Lost) event()    {}

// Options configure a Supervisor.
type Options struct {
	Children    *process.Children
	Interpreter python.Interpreter
	Hello       protocol.Hello
	// Emit is called with each event on the goroutine of Run. It may block, but not on anything that waits for the
	// supervisor.
	Emit func(Event)
	Log  *logging.Logger
}

// Supervisor keeps a worker host running. Only Run uses its fields, apart from what mu guards.
type Supervisor struct {
	options                Options
	patience, pingInterval time.Duration // the constants, shorter in tests
	importTime             time.Duration // for the next host
	leastImportTime        time.Duration // the constant, shorter in tests
	introduced             chan protocol.Ready
	configurations         chan configuration
	checks                 chan check
	ended                  chan struct{} // Run has returned, because of failure
	failure                error

	mu      sync.Mutex // guards below
	current *host      // nil if none is ready
}

// configuration is a Configure for the current host and all later ones.
type configuration struct {
	protocol.Configure
	answer chan<- configured // capacity 1; nil once it is answered
}

type configured struct {
	unknown []string
	err     error
}

// New returns a Supervisor; Run starts it.
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

// Introduction waits for the Ready message of the first host.
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

// Configure configures how workers are started from now on. It returns the names of options that the installed release
// does not have, or the error of the release. The first call makes the host Ready.
func (s *Supervisor) Configure(ctx context.Context, configure protocol.Configure) (unknown []string, err error) {
	answer := make(chan configured, 1)
	got, _, err := call(ctx, s, s.configurations, configuration{configure, answer}, answer)
	if err != nil {
		return nil, err
	}
	return got.unknown, got.err
}

// check is a call of Check.
type check struct {
	protocol.Check
	answer chan<- protocol.Checked // capacity 1; closed if there is no answer
}

// Check asks the host whether the installed Scaler decodes and encodes an agent's messages as this program does.
func (s *Supervisor) Check(ctx context.Context, question protocol.Check) (checked protocol.Checked, err error) {
	answer := make(chan protocol.Checked, 1)
	checked, answered, err := call(ctx, s, s.checks, check{question, answer}, answer)
	if err == nil && !answered {
		err = ErrGone
	}
	return checked, err
}

// call passes a question to Run and waits for the answer. answered is false if the channel was closed instead.
func call[Question, Answer any](
	ctx context.Context, s *Supervisor, to chan<- Question, question Question, answer <-chan Answer,
) (got Answer, answered bool, err error) {
	select {
	case to <- question:
	case <-s.ended:
		return got, false, s.failure
	case <-ctx.Done():
		return got, false, ctx.Err()
	}
	select {
	case got, answered = <-answer:
		return got, answered, nil
	case <-s.ended:
		return got, false, s.failure
	case <-ctx.Done():
		return got, false, ctx.Err()
	}
}

// Send queues a message for the host, and drops it if none is ready. It never blocks.
func (s *Supervisor) Send(message protocol.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return nil // Lost follows, which covers whatever this message was about
	}
	return s.current.send(message)
}

func (s *Supervisor) setCurrent(h *host) {
	s.mu.Lock()
	s.current = h
	s.mu.Unlock()
}

// Run keeps a host running until ctx ends. It returns an error if that is not possible.
func (s *Supervisor) Run(ctx context.Context) (err error) {
	defer func() { s.failure = errors.Join(err, ctx.Err()); close(s.ended) }()
	var (
		wanted  *configuration // nil until there is one
		deaths  int            // consecutive ones, of hosts that died early or were never ready
		failing time.Time      // when these began
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
			s.options.Log.Errorf("the worker host (pid %d) is lost, and its workers with it (%v); starting another one",
				l.host.child.Pid, lostBy)
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
