package node

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/agents"
	"github.com/scaler-native/scaler-native/go/internal/cgroup"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/host"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// fakeCgroup is a folder that looks like a delegated cgroup: where the kernel acts on what is written, nothing happens.
type fakeCgroup struct {
	*testing.T
	folder string
}

func (f fakeCgroup) put(text string, path ...string) {
	f.Helper()
	file := filepath.Join(append([]string{f.folder}, path...)...)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		f.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		f.Fatal(err)
	}
}

func (f fakeCgroup) killed(slot, count int) {
	f.put(fmt.Sprintf("max 9\noom_kill %d\n", count), fmt.Sprintf("worker-%d", slot), "memory.events")
}

// withCgroups gives a node, whose loop does not run yet, cgroups for workers.
func withCgroups(t *testing.T, n *node) fakeCgroup {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("cgroups need Linux")
	}
	f := fakeCgroup{t, t.TempDir()}
	f.put("memory\n", "cgroup.controllers")
	f.put("domain\n", "cgroup.type")
	f.put("", "cgroup.subtree_control")
	f.put(fmt.Sprintln(os.Getpid()), "cgroup.procs")
	f.put("", "manager", "cgroup.procs")
	tree, err := cgroup.Open(cgroup.Place{Folder: f.folder, Top: true}, n.plan.WorkerMemoryLimit)
	if err != nil {
		t.Fatal(err)
	}
	n.host = host.New(host.Options{}) // which is not run: what is sent to it is dropped
	n.cgroups = &cgroups{tree, map[int]uint64{}, map[int]uint64{}}
	for slot := range 2 {
		f.put("", fmt.Sprintf("worker-%d", slot), "memory.max")
	}
	return f
}

// eventsOf are the texts of the journal's events of a kind.
func (n *node) eventsOf(kind string) (texts []string) {
	events, _ := n.journal.After(0)
	for _, event := range events {
		if event.Kind == kind {
			texts = append(texts, event.Text)
		}
	}
	return texts
}

// What the kernel kills is told once: with the processor that died of it, or by itself.
func TestKernelKills(t *testing.T) {
	n := newTestNode(t, &config.Config{Mode: "fixed", MaxTaskConcurrency: 2, WorkerMemoryLimit: 300 << 20})
	f := withCgroups(t, n)
	n.apply(pool.HostReady{})
	n.apply(pool.SetDesired{Count: 2})
	for number := 1; number <= 2; number++ {
		n.apply(pool.Started{Worker: number, Pid: 1<<22 + number, Identity: fmt.Sprintf("NAT|%d", number)})
	}
	sigkill := syscall.WaitStatus(syscall.SIGKILL)
	died := func(worker int, status syscall.WaitStatus) {
		identity := fmt.Sprintf("NAT|%d", worker)
		n.handleAgent(agents.ProcessorDied{Worker: worker, Identity: identity, Status: status, Text: "how"})
	}

	died(1, sigkill) // somebody else did that
	f.killed(0, 1)
	if n.reportKills() {
		t.Error("a kill that nobody has explained yet counts as told")
	}
	died(1, syscall.WaitStatus(syscall.SIGTERM))
	died(2, sigkill) // another worker
	died(1, sigkill)
	died(1, sigkill)
	if !n.reportKills() {
		t.Error("the kill was explained, and counts as not told")
	}
	const byKernel = "how, by the kernel: its worker was over its memory limit of 300 MiB"
	want := []string{"how", "how", "how", byKernel, "how"}
	if got := n.eventsOf(state.ProcessorDied); !slices.Equal(got, want) {
		t.Errorf("processors died: %q, want %q", got, want)
	}

	f.killed(1, 2) // of which one is a processor's whose death is not told
	n.reportKills()
	if got := n.eventsOf(state.ProcessKilled); len(got) != 0 {
		t.Errorf("told at once: %q, though a processor's death may explain it", got)
	}
	if !n.reportKills() || len(n.eventsOf(state.ProcessKilled)) != 2 {
		t.Errorf("told: %q, want two", n.eventsOf(state.ProcessKilled))
	}
	f.killed(0, 4)
	n.apply(pool.Exited{Pid: 1<<22 + 1, Status: sigkill})
	if got := n.eventsOf(state.ProcessKilled); len(got) != 5 || n.memoryLimit().Kills != 6 {
		t.Errorf("at the end of the worker told: %q, %d in all; want five, 6", got, n.memoryLimit().Kills)
	}
	if by := n.memoryLimit().By; by != limitByCgroup {
		t.Errorf("the limit is enforced by %q", by)
	}
}

// A worker that cannot have a cgroup is not started.
func TestNoCgroup(t *testing.T) {
	n := newTestNode(t, &config.Config{Mode: "fixed", MaxTaskConcurrency: 1, WorkerMemoryLimit: 300 << 20})
	f := withCgroups(t, n)
	if err := os.Remove(filepath.Join(f.folder, "worker-0", "memory.max")); err != nil {
		t.Fatal(err)
	}
	n.apply(pool.HostReady{})
	n.apply(pool.SetDesired{Count: 1})
	for _, post := range n.posts.Take() {
		post()
	}
	if got := n.eventsOf(state.WorkerRefused); len(got) != 1 || !strings.Contains(got[0], "cannot create its cgroup") {
		t.Errorf("refused: %q, want one for want of a cgroup", got)
	}
}

func TestOpenCgroups(t *testing.T) {
	n := newTestNode(t, &config.Config{})
	for _, c := range []config.Config{
		{WorkerMemoryLimitBy: "cgroup"}, // no limit
		{WorkerMemoryLimit: 300 << 20, WorkerMemoryLimitBy: "pss"},
	} {
		if made, why, err := openCgroups(&c, n.log); made != nil || why != "" || err != nil {
			t.Errorf("%s with a limit of %d: %v, %q, %v; want nothing done",
				c.WorkerMemoryLimitBy, c.WorkerMemoryLimit, made, why, err)
		}
	}
}
