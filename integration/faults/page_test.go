package faults

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

func (f *faultTable) write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(f.page()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (f *faultTable) releases() (tried []cluster.Release) {
	for _, c := range f.order {
		if !slices.Contains(tried, c.release) {
			tried = append(tried, c.release)
		}
	}
	slices.SortFunc(tried, func(a, b cluster.Release) int { return a.Number() - b.Number() })
	return tried
}

func (f *faultTable) page() string {
	var text strings.Builder
	text.WriteString(pageHead)
	tried := f.releases()
	for _, r := range tried {
		for _, ours := range []bool{true, false} {
			text.WriteString(summaryRow(r, ours, f.total(r, ours)))
		}
	}
	text.WriteString(pageLegend)
	for _, r := range tried {
		f.writeRelease(&text, r)
	}
	return text.String()
}

func summaryRow(r cluster.Release, ours bool, sum total) string {
	lost := fmt.Sprint(sum.lost)
	if sum.still > 0 {
		lost += fmt.Sprintf("; clients that wait for ever: %d", sum.still)
	}
	return fmt.Sprintf("| %s | %s | %d | %d | %d of %d, within %s | %d | %s | %d | %d | %d |\n",
		r, managerName(ours), sum.cases, sum.spoilt, sum.back, sum.waited, seconds(sum.worst), sum.byRule, lost,
		sum.twice, sum.left, sum.endless)
}

func managerName(ours bool) string {
	if ours {
		return "scaler-native"
	}
	return "Scaler's own"
}

func (f *faultTable) writeRelease(text *strings.Builder, r cluster.Release) {
	fmt.Fprintf(text, "\n## Scaler %s\n\n", r)
	if reason := strings.TrimSpace(schedulerFails[r]); reason != "" {
		fmt.Fprintf(text, "%s\n\n", reason)
	}
	text.WriteString("| Fault | Mode | scaler-native | Scaler's own |\n| --- | --- | --- | --- |\n")
	for _, c := range f.order {
		row := f.cells[c]
		if c.release != r || row == nil {
			continue
		}
		fmt.Fprintf(text, "| %s | %s | %s | %s |\n", c.fault, c.mode, cell(row.ours), cell(row.theirs))
	}
}

// schedulerFailed marks an outcome that is the scheduler's fault.
const schedulerFailed = "**the scheduler fails**: "

func cell(o *outcome) string {
	switch {
	case o == nil:
		return "-"
	case o.spoilt:
		return schedulerFailed + o.String()
	}
	return o.String()
}

// schedulerFails says of a release what its own scheduler does wrong, whoever the manager is. See want.fails.
var schedulerFails = map[cluster.Release]string{
	"1.26.6": `
This release's scheduler loses a task if it has asked a worker to give the task back, to move or to cancel it, and the
worker dies before it answers. The task is then on no worker's list, and its client waits for ever. No manager can bring
it back. Rows where that happened say "the scheduler fails".`,
	"2.3.3": `
This release's scheduler stops for ever when it sends to a worker that has just died: it waits for a connection that
never comes back, with Scaler's own manager as with this one. From then on no worker gets a task. That is what
"not back, lost 45" means in the rows that say "the scheduler fails": new workers are there, but the scheduler gives
them nothing, and none of the client's 45 tasks returns. It depends on what the scheduler was sending at that moment, so
these rows differ from run to run.`,
}

const pageHead = `# Faults

This page shows what happens after a fault, with this worker manager and with Scaler's own, against the same real
schedulers. ` + "`make faults`" + ` writes it; its tests fail if this project's figures are not as required. In each
case, a manager with 3 workers is under a load of 45 tasks of 0.1 s when something goes wrong. The scheduler gives up a
silent worker after 10 s (60 s where the scheduler or the network stands still).

## Summary

| Scaler | Manager | Cases | Spoilt by the scheduler | All workers back | ` +
	`Tasks failed by Scaler's rule | Tasks lost | Run twice | Processes left | Did not end |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
`

const pageLegend = `
- Spoilt by the scheduler: the scheduler of that release is known to fail in this case, whoever the manager is, and at
  least one of the two managers missed a requirement. The columns on workers and tasks leave these cases out for both
  managers. The section of each release says more.
- All workers back: in how many of the cases in which that is possible, and the longest time it took.
- Tasks failed by Scaler's rule: Scaler does not run a task again whose processor was killed. The client gets
  ProcessorDiedError.
- Tasks lost: all others without their right result.
- Scaler's own manager has fewer cases: it has no worker host that could be killed, and no ` + "`--restart`" + `.

In the tables below:

- back: seconds until all workers are at work again, counted from the fault, or from its end if it ends by itself.
- rerun: seconds from the fault until the last of the tasks that it hit runs again.
- lost: tasks without their right result, with those that fail by Scaler's rule. After a restart of the scheduler or of
  the object storage, the tasks of another client count.
- "not back, lost 45" after a restart of the scheduler: Scaler's own manager and workers do not connect again; mostly
  they have ended with the scheduler ("ends in 0.0 s"). So nothing runs the client's 45 tasks.
- twice: tasks that ran again although nothing had happened to them.
- left: processes that are there 2 s after their manager's end (1 s if it ended as told).
- ends in: how long the manager took to end after SIGTERM as the test's last step, unless the fault is its end;
  "does not end": not within 15 s.
`
