package limits

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A limit is one place, and what our manager does there.
type limit struct {
	name        string // a capability
	what        string // for the table
	enter       func(p *place)
	arguments   []string
	environment []string
	workers     string // 1 if empty; "default" leaves the option out
	dynamic     bool
	fails       string   // the one line with which it ends; empty if it works
	status      int      // with which it ends; 0 counts as 1 if it fails; -1 if it has to be killed
	never       bool     // no task runs, though it does not end
	says        []string // warnings and errors that its log has
	ends        syscall.Signal
	tight       bool // a task there cannot start a child
	check       func(t *testing.T, r *run)
	slow        bool // only with SCALER_LIMITS=all
}

// TestLimits starts managers in each place. A task must run there and the manager stop as anywhere else, or it must say
// in one line what is at fault. SCALER_LIMITS=all has all places, and Scaler's own manager beside.
func TestLimits(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make these places")
	}
	all := os.Getenv("SCALER_LIMITS") == "all"
	for _, r := range cluster.Releases(t, cluster.Newest...) {
		c := cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyCapability})
		if err := os.Chmod(c.Mark.Dir, 0o711); err != nil {
			t.Fatal(err)
		}
		l := startLooker(t, c)
		table := &page{}
		t.Run("places", func(t *testing.T) {
			for _, k := range cases() {
				if k.slow && !all {
					continue
				}
				t.Run(k.name, func(t *testing.T) {
					t.Parallel()
					ours := tried(t, c, l, k, true)
					judge(t, k, ours)
					if all {
						table.add(k, ours, tried(t, c, l, k, false))
					}
				})
			}
		})
		l.Kill()
		table.write(t)
	}
}

func tried(t *testing.T, c *cluster.Cluster, l *looker, k limit, ours bool) *run {
	t.Helper()
	r := start(t, c, k, ours)
	r.work(t, l)
	if ours && r.Running() && k.check != nil && r.seen != nil {
		k.check(t, r)
	}
	if k.ends == 0 {
		k.ends = syscall.SIGTERM
	}
	r.stop(k.ends)
	removeCgroups(r.PID())
	if r.status == launchFailed {
		t.Fatalf("%s", r.Output)
	}
	t.Logf("%s: %s %q", r.Name, r.outcome(), r.complaints())
	if r.seen != nil {
		t.Logf("%v", r.seen.Value)
	}
	return r
}

// removeCgroups removes those that the launcher has made: a manager has its pid.
func removeCgroups(pid int) {
	folders, _ := filepath.Glob(fmt.Sprintf("/sys/fs/cgroup/*/%s%d", cgroupPrefix, pid))
	for _, folder := range folders {
		for range 100 { // a process leaves its cgroup a little after its end
			if os.Remove(folder) == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// judge compares what our manager did with the case.
func judge(t *testing.T, k limit, r *run) {
	t.Helper()
	wanted := k.says
	if k.fails != "" {
		wanted = append(wanted[:len(wanted):len(wanted)], k.fails)
		if want := max(k.status, 1); r.status != want || r.seen != nil {
			t.Errorf("it ended with status %d (a task ran: %t), want %d and no task", r.status, r.seen != nil, want)
		}
	} else {
		if works := r.seen != nil && r.seen.Error == ""; works == k.never {
			t.Errorf("no task ran: %+v", r.seen)
		}
		if r.status != k.status {
			t.Errorf("it ended with status %d, want %d", r.status, k.status)
		}
		if r.seen != nil && r.seen.Error == "" && !k.tight {
			cluster.CheckFields(t, "the task", r.seen.Value, map[string]any{"child": "hello", "thread": "seen"})
		}
	}
	found := r.complaints()
	for _, pattern := range wanted {
		before := len(found)
		found = without(found, regexp.MustCompile(pattern))
		if count := before - len(found); count == 0 || count > 1 && pattern == k.fails {
			t.Errorf("%d lines are like %s", count, pattern)
		}
	}
	for _, line := range found {
		t.Errorf("it complains: %s", line)
	}
	for _, process := range r.left {
		if k.status != -1 {
			t.Errorf("left: %+v", process)
		}
	}
	if t.Failed() {
		t.Logf("the manager wrote:\n%s", r.Output)
	}
}

func without(lines []string, pattern *regexp.Regexp) (rest []string) {
	for _, line := range lines {
		if !pattern.MatchString(line) {
			rest = append(rest, line)
		}
	}
	return rest
}
