package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A Load is a client that keeps a cluster busy. Its tasks note when and where they run.
type Load struct {
	Client  *Process
	Control string // holds how many tasks, and how long ones
	Journal string
	limit   time.Duration // for the last tasks
}

// An Execution is one run of a task's body.
type Execution struct {
	Task, Pid  int
	Begun, End time.Time // End is zero for one that did not come to its end
}

// A Harvest is what became of a load's tasks.
type Harvest struct {
	Submitted, Right, Unfinished int
	Failed                       map[string]int // by the name of the exception
}

// Lost counts the tasks that did not return their right result.
func (h Harvest) Lost() int { return h.Submitted - h.Right }

// StartLoad starts a load. Its folder is open to all users, because a manager may run as another user.
func (c *Cluster) StartLoad(t *testing.T, name string, count int, seconds float64, limit time.Duration) *Load {
	t.Helper()
	folder := c.Mark.Temporary(t, "load")
	l := &Load{Control: filepath.Join(folder, name+".control"), Journal: filepath.Join(folder, name+".journal"),
		limit: limit}
	if err := os.WriteFile(l.Journal, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{c.Mark.Dir: 0o711, folder: 0o755, l.Journal: 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	l.Set(t, count, seconds)
	l.Client = c.StartClient(t, "load.py", c.Address, l.Control, l.Journal, fmt.Sprint(limit.Seconds()))
	return l
}

// Set changes how many tasks there are at a time, and how long the next ones take.
func (l *Load) Set(t testing.TB, count int, seconds float64) {
	t.Helper()
	l.SetLonger(t, count, seconds, 0)
}

// SetLonger is Set with tasks that each take longer than the one before.
func (l *Load) SetLonger(t testing.TB, count int, seconds, longer float64) {
	t.Helper()
	part := l.Control + ".part"
	err := os.WriteFile(part, []byte(fmt.Sprintf("%d %g %g", count, seconds, longer)), 0o600)
	if err == nil {
		err = os.Rename(part, l.Control)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Finish ends the load; ok is false if its client does not report.
func (l *Load) Finish(t *testing.T) (h Harvest, ok bool) {
	t.Helper()
	l.Set(t, -1, 0)
	if _, ok := l.Client.Answers.Wait(AnyObject, 0, l.limit+15*time.Second); !ok {
		return Harvest{}, false
	}
	l.Client.Answer(t, 0, &h)
	return h, true
}

// Executions returns all runs so far, by the time they began.
func (l *Load) Executions(t testing.TB) []*Execution {
	t.Helper()
	text, err := os.ReadFile(l.Journal)
	if err != nil {
		t.Fatal(err)
	}
	type run struct{ task, pid int }
	open := map[run]*Execution{}
	var list []*Execution
	for _, line := range strings.SplitAfter(string(text), "\n") {
		fields := strings.Fields(line)
		if len(fields) != 4 || !strings.HasSuffix(line, "\n") {
			continue // the last one is on its way
		}
		task, _ := strconv.Atoi(fields[1])
		pid, _ := strconv.Atoi(fields[2])
		seconds, _ := strconv.ParseFloat(fields[3], 64)
		at := time.UnixMicro(int64(seconds * 1e6))
		if fields[0] == "start" {
			e := &Execution{Task: task, Pid: pid, Begun: at}
			open[run{task, pid}] = e
			list = append(list, e)
		} else if e := open[run{task, pid}]; e != nil {
			e.End = at
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Begun.Before(list[j].Begun) })
	return list
}

// concurrent returns when count processes were first at work at the same time, on tasks that began after a moment and
// finished.
func concurrent(list []*Execution, since time.Time, count int) (time.Time, bool) {
	var running []*Execution
	for _, e := range list {
		if e.End.IsZero() || e.Begun.Before(since) {
			continue
		}
		still := running[:0]
		for _, other := range running {
			if other.End.After(e.Begun) {
				still = append(still, other)
			}
		}
		running = append(still, e)
		pids := map[int]bool{}
		for _, other := range running {
			pids[other.Pid] = true
		}
		if len(pids) >= count {
			return e.Begun, true
		}
	}
	return time.Time{}, false
}

// AwaitConcurrent waits until count processes are at work at the same time, and returns how long after since that was.
func (l *Load) AwaitConcurrent(t testing.TB, since time.Time, count int, limit time.Duration) (time.Duration, bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		if at, ok := concurrent(l.Executions(t), since, count); ok {
			return at.Sub(since), true
		}
		if time.Now().After(deadline) {
			return 0, false
		}
	}
}

// AwaitEnded waits until that many tasks were done.
func (l *Load) AwaitEnded(t testing.TB, count int, limit time.Duration) bool {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		ended := 0
		for _, e := range l.Executions(t) {
			if !e.End.IsZero() {
				ended++
			}
		}
		if ended >= count || time.Now().After(deadline) {
			return ended >= count
		}
	}
}

// Repeats judges tasks that ran more than once. victims are the processors that a fault hit, and when. A run in one of
// them that had not ended then, or ended so shortly before that its result was still on its way, has to be repeated:
// rerun is the longest time until one was. twice counts all other repetitions.
func Repeats(list []*Execution, victims map[int]time.Time) (twice int, rerun time.Duration) {
	const onItsWay = time.Second
	earlier := map[int]*Execution{}
	for _, e := range list {
		before := earlier[e.Task]
		earlier[e.Task] = e
		if before == nil {
			continue
		}
		fault, hit := victims[before.Pid]
		if hit && (before.End.IsZero() || before.End.After(fault.Add(-onItsWay))) {
			rerun = max(rerun, e.Begun.Sub(fault))
		} else {
			twice++
		}
	}
	return twice, rerun
}
