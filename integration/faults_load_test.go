package integration

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

// A load is a client that keeps tasks on a cluster; the tasks write down when and where they are executed.
type load struct {
	client  *process
	control string // holds how many tasks, and how long ones
	journal string
	limit   time.Duration // for the last tasks
}

// An execution is one run of a task's body.
type execution struct {
	task, pid  int
	begun, end time.Time // end is zero for one that did not come to its end
}

// A harvest is what became of a load's tasks.
type harvest struct {
	Submitted, Right, Unfinished int
	Failed                       map[string]int // by the name of the exception
}

// lost counts the tasks without their right result.
func (h harvest) lost() int { return h.Submitted - h.Right }

// startLoad starts a load; its folder is open to all, because a manager may run as another user.
func (c *cluster) startLoad(t *testing.T, name string, count int, seconds float64, limit time.Duration) *load {
	t.Helper()
	folder := c.mark.temporary(t, "load")
	l := &load{control: filepath.Join(folder, name+".control"), journal: filepath.Join(folder, name+".journal"), limit: limit}
	if err := os.WriteFile(l.journal, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{c.mark.dir: 0o711, folder: 0o755, l.journal: 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	l.set(t, count, seconds)
	l.client = c.startClient(t, "load.py", c.address, l.control, l.journal, fmt.Sprint(limit.Seconds()))
	return l
}

// set changes how many tasks there are at a time, and how long the next ones take.
func (l *load) set(t testing.TB, count int, seconds float64) {
	t.Helper()
	l.setLonger(t, count, seconds, 0)
}

// setLonger has each task take longer than the one before it.
func (l *load) setLonger(t testing.TB, count int, seconds, longer float64) {
	t.Helper()
	part := l.control + ".part"
	err := os.WriteFile(part, []byte(fmt.Sprintf("%d %g %g", count, seconds, longer)), 0o600)
	if err == nil {
		err = os.Rename(part, l.control)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// finish lets the load come to its end; ok is false when its client does not tell.
func (l *load) finish(t *testing.T) (h harvest, ok bool) {
	t.Helper()
	l.set(t, -1, 0)
	if _, ok := l.client.answers.wait(anyObject, 0, l.limit+15*time.Second); !ok {
		return harvest{}, false
	}
	l.client.answer(t, 0, &h)
	return h, true
}

// executions returns all runs so far, in the order of their beginnings.
func (l *load) executions(t testing.TB) []*execution {
	t.Helper()
	text, err := os.ReadFile(l.journal)
	if err != nil {
		t.Fatal(err)
	}
	type run struct{ task, pid int }
	open := map[run]*execution{}
	var list []*execution
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
			e := &execution{task: task, pid: pid, begun: at}
			open[run{task, pid}] = e
			list = append(list, e)
		} else if e := open[run{task, pid}]; e != nil {
			e.end = at
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].begun.Before(list[j].begun) })
	return list
}

// concurrent returns when tasks that began after a moment, and came to their ends, first ran in so many processes at a time.
func concurrent(list []*execution, since time.Time, count int) (time.Time, bool) {
	var running []*execution
	for _, e := range list {
		if e.end.IsZero() || e.begun.Before(since) {
			continue
		}
		still := running[:0]
		for _, other := range running {
			if other.end.After(e.begun) {
				still = append(still, other)
			}
		}
		running = append(still, e)
		pids := map[int]bool{}
		for _, other := range running {
			pids[other.pid] = true
		}
		if len(pids) >= count {
			return e.begun, true
		}
	}
	return time.Time{}, false
}

// awaitConcurrent waits for so many processes at work at a time, and returns how long after the moment that was.
func (l *load) awaitConcurrent(t testing.TB, since time.Time, count int, limit time.Duration) (time.Duration, bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		if at, ok := concurrent(l.executions(t), since, count); ok {
			return at.Sub(since), true
		}
		if time.Now().After(deadline) {
			return 0, false
		}
	}
}

// repeats judges what was executed more than once. Executions in one of the victims that had not ended when the fault
// came, or a moment before it so that the result was still on its way, have to be repeated: rerun is the longest time
// until one of them was. twice counts all other repetitions.
func repeats(list []*execution, victims map[int]bool, fault time.Time) (twice int, rerun time.Duration) {
	const onItsWay = time.Second
	earlier := map[int]*execution{}
	for _, e := range list {
		before := earlier[e.task]
		earlier[e.task] = e
		if before == nil {
			continue
		}
		if victims[before.pid] && (before.end.IsZero() || before.end.After(fault.Add(-onItsWay))) {
			rerun = max(rerun, e.begun.Sub(fault))
		} else {
			twice++
		}
	}
	return twice, rerun
}
