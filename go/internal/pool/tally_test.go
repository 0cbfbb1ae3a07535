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

// text is the line as it is written.
func text(l Log) string { return fmt.Sprintf(l.Format, l.Arguments...) }

// tallies takes the lines that say how many workers are registered.
func (f *fixture) tallies() (lines []string) {
	for _, l := range f.logs {
		if line, is := strings.CutSuffix(text(l), " workers are registered"); is {
			lines = append(lines, line)
		}
	}
	f.logs = nil
	return lines
}

func (f *fixture) expectTallies(want ...string) {
	f.t.Helper()
	if got := f.tallies(); !slices.Equal(got, want) {
		f.t.Fatalf("said %q, want %q", got, want)
	}
}

func newTelling(t *testing.T) *fixture {
	t.Helper()
	return newPool(t, func(o *Options) { o.Tell = true })
}

func TestBurstIsOneLine(t *testing.T) {
	f := newTelling(t)
	f.grow(64)
	f.expectTallies("64 of 64")
	f.pass(never)
	f.expectTallies()
	f.on(SetDesired{0})
	f.expectTallies("0 of 0")
}

// Those that are there are told of though others do not come.
func TestSlowStartIsALineASecond(t *testing.T) {
	f := newTelling(t)
	const count, apart = 30, 100 * time.Millisecond
	f.on(SetDesired{count})
	for number := 1; number < count; number++ {
		f.started(number)
		f.on(Registered{number})
		f.pass(apart)
	}
	f.pass(2 * tallyTime)
	f.expectTallies("10 of 30", "20 of 30", "29 of 30")
	f.started(count)
	f.on(Registered{count})
	f.expectTallies("30 of 30")
}

// Workers that come one by one, each asked for when the one before is there, are no line each.
func TestOneByOneIsALineASecond(t *testing.T) {
	f := newTelling(t)
	for number := 1; number <= 10; number++ {
		f.on(SetDesired{number})
		f.started(number)
		f.on(Registered{number})
	}
	f.expectTallies("1 of 1")
	f.pass(tallyTime)
	f.expectTallies("10 of 10")
}

// That there are as many again is said too.
func TestReplacementIsToldOf(t *testing.T) {
	f := newTelling(t)
	f.grow(2)
	f.age()
	f.tallies()
	f.exit(1, killed)
	f.expectTallies()
	f.started(3)
	f.on(Registered{3})
	f.expectTallies("2 of 2")
	f.pass(never)
	f.expectTallies()
}

// A line that is due is not forgotten while other things happen, nor while nothing does.
func TestTallyHasADeadline(t *testing.T) {
	f := newTelling(t)
	f.on(SetDesired{2})
	f.started(1)
	f.on(Registered{1})
	if due := f.Deadline(); !due.Equal(f.clock.Add(tallyTime)) {
		t.Fatalf("due at %v, want %v", due, f.clock.Add(tallyTime))
	}
	f.on(Busy{1})
	f.expectTallies()
	f.on(SetDesired{1}) // nobody is on the way any more
	f.expectTallies("1 of 1")
}

func TestNothingIsToldAtTheEnd(t *testing.T) {
	f := newTelling(t)
	f.grow(2)
	f.on(Registered{2})
	f.tallies()
	f.on(Stop{})
	f.exit(1, exitedWith0)
	f.pass(tallyTime)
	f.expectTallies()
}

func TestUntold(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.pass(tallyTime)
	f.expectTallies()
}

// In fixed mode each worker that is lost says how many are left of those that there were to be.
func TestLeft(t *testing.T) {
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
		"worker NAT|2 (pid 1002) ended by itself: exit status 0; not replaced, 1 of 4 left",
		"worker NAT|3 (pid 1003) died: exit status 1; not replaced, 0 of 4 left",
	} {
		if got := text(f.logs[i]); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	f.on(SchedulerLost{}) // they have ended for want of it: they come again
	f.on(SchedulerFound{})
	for number := 5; number <= 8; number++ {
		f.started(number)
	}
	f.pass(2 * outageWindow)
	f.logs = nil
	f.exit(5, killed)
	if got, want := text(f.logs[0]), "died: SIGKILL; not replaced, 3 of 4 left"; !strings.HasSuffix(got, want) {
		t.Errorf("said %q, want %q", got, want)
	}
}

func TestReplacedOnesAreNotLeft(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.exit(1, killed)
	f.exit(2, exitedWith0)
	for _, l := range f.logs {
		if strings.Contains(text(l), "left") {
			t.Errorf("said %q", text(l))
		}
	}
}

// What a line is about is in its fields too.
func TestFieldsOfLines(t *testing.T) {
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
	if about != 4 { // started, draining, its time over, stopped
		t.Errorf("%d lines are about it", about)
	}
}
