package faults

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A ledger is what a client of the chaos knows of its tasks: each is in one of the places.
type ledger struct {
	Submitted, Right, Pending int
	Expected                  int // failed as they were made to
	Cancelled                 int
	Kinds                     map[string]int
	Died                      []int          // by ProcessorDiedError
	Lost                      map[int]string // neither result nor error, for very long; with Scaler's ids
	Wrong                     []string
	Other                     map[string][]int // other errors, by what they say
	Done                      bool
}

// settled counts the tasks that have an answer. To give one up is none: a scheduler that answers nothing stands still.
func (l ledger) settled() int { return l.Submitted - l.Pending - len(l.Lost) }

// account tells whether every task is in exactly one of the places.
func (l ledger) account() bool {
	other := 0
	for _, list := range l.Other {
		other += len(list)
	}
	return l.Submitted == l.Right+l.Pending+l.Expected+l.Cancelled+len(l.Died)+len(l.Lost)+len(l.Wrong)+other
}

func (l ledger) String() string {
	return fmt.Sprintf("%d tasks: %d right, %d failed as they should, %d cancelled, %d lost their processor, "+
		"%d lost, %d wrong, %d pending, other: %v; %v",
		l.Submitted, l.Right, l.Expected, l.Cancelled, len(l.Died), len(l.Lost), len(l.Wrong), l.Pending, l.Other, l.Kinds)
}

// A crew is one client of the chaos with its journal.
type crew struct {
	load    *cluster.Load // client, control and journal
	last    ledger
	read    int // lines of the client's answers that last holds
	grown   time.Time
	settled int
}

// startCrew starts a client; its tasks come from the seed.
func startCrew(t *testing.T, c *cluster.Cluster, name string, seed int64) *crew {
	t.Helper()
	folder := c.Mark.Temporary(t, "crew")
	l := &cluster.Load{Control: filepath.Join(folder, name+".control"), Journal: filepath.Join(folder, name+".journal")}
	for _, path := range []string{l.Control, l.Journal} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l.Client = c.StartClient(t, "chaos.py", c.Address, l.Control, l.Journal, fmt.Sprint(seed))
	return &crew{load: l, grown: time.Now()}
}

// look takes in the client's latest report, and returns for how long no task has been settled while some are pending.
func (c *crew) look(t *testing.T) (still time.Duration) {
	t.Helper()
	lines, _, _ := c.load.Client.Answers.Since(c.read)
	if c.read += len(lines); len(lines) > 0 {
		var now ledger
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &now); err != nil {
			t.Fatalf("the client reports %q: %v", lines[len(lines)-1], err)
		}
		c.last = now
	}
	if c.last.settled() != c.settled || c.last.Pending == 0 {
		c.settled, c.grown = c.last.settled(), time.Now()
	}
	return time.Since(c.grown)
}

// leave asks the client to finish its tasks.
func (c *crew) leave() { os.Remove(c.load.Control) }

// A record is what was done to a cluster, by which its losses are judged.
type record struct {
	hit     map[int]bool // processes that were ended, or whose end was asked for, and all that had to go with them
	sudden  int          // of workers or hosts
	aimed   int          // at processors
	strikes map[string]int
}

// judge holds the clients' ledgers against what was done. excuse tells whether a task is lost by the release's own
// scheduler, and waived whether that executes tasks again.
func (r *record) judge(t *testing.T, crews []*crew, excuse func(id string) bool, waived bool) {
	t.Helper()
	unexplained, twice, excused := 0, 0, 0
	for i, c := range crews {
		l := c.last
		t.Logf("client %d: %s", i, l)
		if !l.account() {
			t.Errorf("client %d: the tasks do not add up", i)
		}
		if len(l.Wrong) > 0 {
			t.Errorf("client %d: wrong results: %v", i, l.Wrong)
		}
		runs := map[int][]int{} // processors by task
		for _, e := range c.load.Executions(t) {
			if before := runs[e.Task]; len(before) > 0 && !r.hit[before[len(before)-1]] {
				twice++
			}
			runs[e.Task] = append(runs[e.Task], e.Pid)
		}
		explained := func(task int) bool {
			pids := runs[task]
			return len(pids) > 0 && r.hit[pids[len(pids)-1]]
		}
		for _, task := range l.Died {
			if !explained(task) {
				unexplained++ // hit before the task's body began, or the inner task of a nested one
			}
		}
		for what, tasks := range l.Other {
			for _, task := range tasks {
				if !explained(task) {
					t.Errorf("client %d: task %d failed although nothing had happened to its processor: %s", i, task, what)
				}
			}
		}
		var lost []string
		for task, id := range l.Lost {
			if r.sudden > 0 && excuse(id) {
				excused++
			} else {
				lost = append(lost, fmt.Sprintf("%d (%s)", task, id))
			}
		}
		if len(lost) > 0 {
			t.Errorf("client %d: %d tasks are lost, %v first", i, len(lost), lost[:min(5, len(lost))])
		}
	}
	if unexplained > r.aimed {
		t.Errorf("%d tasks lost their processor for no reason, but only %d processors were hit", unexplained, r.aimed)
	}
	if twice > 0 && !waived {
		t.Errorf("%d tasks ran again although nothing had happened to their processors", twice)
	}
	t.Logf("strikes: %v; executed again without need: %d; lost by Scaler's own scheduler: %d", r.strikes, twice, excused)
}
