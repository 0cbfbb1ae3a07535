package integration

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

type faultCase struct {
	fault, mode string
	release     release
}

// A faultRow holds the outcomes of a case; nil for a manager that was not tried.
type faultRow struct{ ours, theirs *outcome }

// spoilt tells whether the case says nothing of managers. One of the two is enough: the scheduler fails by chance, and
// neither manager is to gain by that.
func (r *faultRow) spoilt() bool {
	return r.ours != nil && r.ours.spoilt || r.theirs != nil && r.theirs.spoilt
}

// A faultTable collects outcomes: ours, and the Python manager's.
type faultTable struct {
	order []faultCase
	mu    sync.Mutex
	cells map[faultCase]*faultRow // guarded by mu
}

func (f *faultTable) set(c faultCase, ours bool, o outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cells[c] == nil {
		f.cells[c] = &faultRow{}
	}
	if ours {
		f.cells[c].ours = &o
	} else {
		f.cells[c].theirs = &o
	}
}

func (f *faultTable) write(t *testing.T, path string) {
	t.Helper()
	var text strings.Builder
	text.WriteString(faultTableHead)
	var tried []release
	for _, c := range f.order {
		if !slices.Contains(tried, c.release) {
			tried = append(tried, c.release)
		}
	}
	slices.SortFunc(tried, func(a, b release) int { return a.number() - b.number() })
	for _, r := range tried {
		for _, ours := range []bool{true, false} {
			text.WriteString(f.total(r, ours))
		}
	}
	text.WriteString(faultTableLegend)
	for _, r := range tried {
		f.writeRelease(&text, r)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// total is a manager's line in the summary. Cases that the release's scheduler spoils are counted apart for both managers.
func (f *faultTable) total(r release, ours bool) string {
	var cases, spoilt, waited, back, lost, still, twice, left, endless int
	var worst time.Duration
	for _, c := range f.order {
		row := f.cells[c]
		if c.release != r || row == nil {
			continue
		}
		o := row.theirs
		if ours {
			o = row.ours
		}
		if o == nil {
			continue
		}
		cases++
		left += o.left
		if o.stop < 0 {
			endless++
		}
		if row.spoilt() {
			spoilt++
			continue
		}
		twice += o.twice
		if o.lost < 0 {
			still++
		} else {
			lost += o.lost
		}
		if o.waited {
			waited++
			if o.back >= 0 {
				back++
				worst = max(worst, o.back)
			}
		}
	}
	name := "Scaler's own"
	if ours {
		name = "scaler-native"
	}
	tasks := fmt.Sprint(lost)
	if still > 0 {
		tasks += fmt.Sprintf("; clients that wait for ever: %d", still)
	}
	return fmt.Sprintf("| %s | %s | %d | %d | %d of %d, within %s | %s | %d | %d | %d |\n",
		r, name, cases, spoilt, back, waited, seconds(worst), tasks, twice, left, endless)
}

func (f *faultTable) writeRelease(text *strings.Builder, r release) {
	fmt.Fprintf(text, "\n## Scaler %s\n\n", r)
	if reason := schedulerFails[r]; reason != "" {
		fmt.Fprintf(text, "%s\n\n", reason)
	}
	text.WriteString("| Fault | Mode | scaler-native | Scaler's own |\n| --- | --- | --- | --- |\n")
	for _, c := range f.order {
		row := f.cells[c]
		if c.release != r || row == nil {
			continue
		}
		cells := [2]string{"-", "-"}
		for i, o := range []*outcome{row.ours, row.theirs} {
			if o == nil {
				continue
			}
			if cells[i] = o.String(); o.spoilt {
				cells[i] = "**the scheduler fails**: " + cells[i]
			}
		}
		fmt.Fprintf(text, "| %s | %s | %s | %s |\n", c.fault, c.mode, cells[0], cells[1])
	}
}

// schedulerFails says of a release what its own scheduler does wrong, whoever the manager is. See want.fails.
var schedulerFails = map[release]string{
	"1.26.6": "This release's scheduler loses tasks that it has asked a worker to give back, to move or to cancel them, when that worker dies before\n" +
		"it answers: they stand on no worker's list, and their clients wait for ever. No manager can bring them back. Where that happened\n" +
		"the row says that the scheduler fails.",
	"2.3.3": "This release's scheduler stands still for ever when it sends to a worker that has just died: it waits for a connection that does not\n" +
		"come back, with Scaler's own manager as with this one, and no worker gets a task from then on. Where that happened the row says that\n" +
		"the scheduler fails. Whether it does depends on what it was sending at that moment, so that the rows differ from run to run.",
}

const faultTableHead = `# Faults

What comes of a fault, with this worker manager and with Scaler's own, against the same real schedulers. ` + "`make faults`" + ` makes
this page; the tests fail where this project's figures are not as demanded. In each case a manager with 3 workers is under a
load of tasks of 0.1 s when something goes wrong. The scheduler gives up a silent worker after 10 s (60 s where the scheduler or the
network stands still).

## Summary

| Scaler | Manager | Cases | Spoilt by the scheduler | All workers back | Tasks lost | Executed twice | Processes left | Did not end |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
`

const faultTableLegend = `
- Spoilt by the scheduler: cases in which the scheduler of that release is known to fail, whoever the manager is, and in which
  a demand was missed with one of the two managers. They are left out of the columns on workers and tasks for both; each release's
  section says more.
- All workers back: in how many of the cases in which that can be, and the longest that it took.
- The cases of Scaler's own are fewer, because it has no worker host that could be killed and no ` + "`--restart`" + `.

In the tables below:

- back: seconds until all workers are at work again, counted from the fault, or from its end if it goes over by itself.
- rerun: seconds from the fault until the last of the tasks that it hit runs again.
- lost: tasks that do not get their right result. A task whose processor is killed fails by Scaler's rule (ProcessorDiedError).
  After a restart of the scheduler or of the object storage it is another client's tasks that are counted.
- twice: tasks that are executed again although nothing had happened to them.
- left: processes that are there 2 s after their manager's end (1 s when it ended as it was told to).
- ends in: the manager's end, as the test's last step, after SIGTERM, unless the fault is its end; "does not end": not within 15 s.
`
