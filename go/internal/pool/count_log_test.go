package pool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// text returns the formatted line.
func text(l Log) string { return fmt.Sprintf(l.Format, l.Arguments...) }

// countLines takes the lines about the number of registered workers.
func (f *fixture) countLines() (lines []string) {
	for _, l := range f.logs {
		if line, is := strings.CutSuffix(text(l), " workers are registered"); is {
			lines = append(lines, line)
		}
	}
	f.logs = nil
	return lines
}

func (f *fixture) expectCountLines(want ...string) {
	f.t.Helper()
	if got := f.countLines(); !slices.Equal(got, want) {
		f.t.Fatalf("logged %q, want %q", got, want)
	}
}

func newLoggingPool(t *testing.T) *fixture {
	t.Helper()
	return newPool(t, func(o *Options) { o.LogRegistered = true })
}

func TestBurstIsOneLine(t *testing.T) {
	f := newLoggingPool(t)
	f.grow(64)
	f.expectCountLines("64 of 64")
	f.pass(never)
	f.expectCountLines()
	f.on(SetDesired{0})
	f.expectCountLines("0 of 0")
}

// The line is not delayed for long by workers that do not register.
func TestSlowStartIsOneLinePerSecond(t *testing.T) {
	f := newLoggingPool(t)
	const count, apart = 30, 100 * time.Millisecond
	f.on(SetDesired{count})
	for number := 1; number < count; number++ {
		f.started(number)
		f.on(Registered{number})
		f.pass(apart)
	}
	f.pass(2 * countLogInterval)
	f.expectCountLines("10 of 30", "20 of 30", "29 of 30")
	f.started(count)
	f.on(Registered{count})
	f.expectCountLines("30 of 30")
}

// Workers that are requested one by one, each after the previous one has registered, do not get a line each.
func TestOneByOneIsOneLinePerSecond(t *testing.T) {
	f := newLoggingPool(t)
	for number := 1; number <= 10; number++ {
		f.on(SetDesired{number})
		f.started(number)
		f.on(Registered{number})
	}
	f.expectCountLines("1 of 1")
	f.pass(countLogInterval)
	f.expectCountLines("10 of 10")
}

// The line is repeated when a replacement has registered.
func TestReplacementIsLogged(t *testing.T) {
	f := newLoggingPool(t)
	f.grow(2)
	f.age()
	f.countLines()
	f.exit(1, killed)
	f.expectCountLines()
	f.started(3)
	f.on(Registered{3})
	f.expectCountLines("2 of 2")
	f.pass(never)
	f.expectCountLines()
}

// A delayed line has a deadline, and is written at the next event once all have registered.
func TestCountLogHasDeadline(t *testing.T) {
	f := newLoggingPool(t)
	f.on(SetDesired{2})
	f.started(1)
	f.on(Registered{1})
	if due := f.Deadline(); !due.Equal(f.clock.Add(countLogInterval)) {
		t.Fatalf("due at %v, want %v", due, f.clock.Add(countLogInterval))
	}
	f.on(Busy{1})
	f.expectCountLines()
	f.on(SetDesired{1}) // all have registered now
	f.expectCountLines("1 of 1")
}

func TestNoCountWhileStopping(t *testing.T) {
	f := newLoggingPool(t)
	f.grow(2)
	f.on(Registered{2})
	f.countLines()
	f.on(Stop{})
	f.exit(1, exitedWith0)
	f.pass(countLogInterval)
	f.expectCountLines()
}

func TestCountIsNotLoggedByDefault(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.pass(countLogInterval)
	f.expectCountLines()
}

// In fixed mode the line about a lost worker says how many are left.
func TestRemainingWorkersAreLogged(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Maximum, o.Replace, o.Restore = 4, false, true })
	f.on(SetDesired{4})
	for number := 1; number <= 3; number++ {
		f.started(number)
		f.on(Registered{number})
	}
	f.logs = nil
	f.on(Refused{4, errors.New("no memory")})
	f.exit(1, killed)
	f.exit(2, exitedWith0)
	f.exit(3, exitedWith1)
	for i, want := range []string{
		"cannot start a worker: no memory; not replaced, 3 of 4 left",
		"worker NAT|1 (pid 1001) died: SIGKILL; not replaced, 2 of 4 left",
		"worker NAT|2 (pid 1002) exited by itself: exit status 0; not replaced, 1 of 4 left",
		"worker NAT|3 (pid 1003) died: exit status 1; not replaced, 0 of 4 left",
	} {
		if got := text(f.logs[i]); got != want {
			t.Errorf("logged %q, want %q", got, want)
		}
	}
	f.on(SchedulerLost{}) // attributes the exits to the outage, and restores the workers
	f.on(SchedulerFound{})
	for number := 5; number <= 8; number++ {
		f.started(number)
	}
	f.pass(2 * outageWindow)
	f.logs = nil
	f.exit(5, killed)
	if got, want := text(f.logs[0]), "died: SIGKILL; not replaced, 3 of 4 left"; !strings.HasSuffix(got, want) {
		t.Errorf("logged %q, want %q", got, want)
	}
}

func TestRemainingIsNotLoggedForReplacedWorkers(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.exit(1, killed)
	f.exit(2, exitedWith0)
	for _, l := range f.logs {
		if strings.Contains(text(l), "left") {
			t.Errorf("logged %q", text(l))
		}
	}
}

// A line about a worker has its identity and pid in its fields.
func TestLogFields(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(1)
	f.on(Busy{1})
	f.on(SetDesired{0})
	f.pass(never)
	f.exit(1, killed)
	about := 0
	for _, l := range f.logs {
		if strings.Contains(text(l), "worker NAT|1 (pid 1001)") {
			about++
			if want := (logging.Fields{Worker: "NAT|1", Pid: pidOf(1)}); l.Fields != want {
				t.Errorf("%q has the fields %+v", text(l), l.Fields)
			}
		} else if l.Fields != (logging.Fields{}) {
			t.Errorf("%q has the fields %+v", text(l), l.Fields)
		}
	}
	if about != 4 { // started, draining, drain timed out, stopped
		t.Errorf("%d lines about the worker, want 4", about)
	}
}
