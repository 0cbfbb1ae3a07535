package command

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/fake"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// told returns the POST requests that a manager got.
func told(m *fake.Manager) (orders []string) {
	for _, asked := range m.Requests() {
		if order, is := strings.CutPrefix(asked, "POST /v1/"); is {
			orders = append(orders, order)
		}
	}
	return orders
}

func TestOrders(t *testing.T) {
	m := managers(t, 1)[0]
	for i, test := range []struct{ arguments, want string }{
		{"drain", `drain {}`}, {"drain --end --deadline 1.5", `drain {"deadline":1.5,"end":true}`}, {"resume", "resume"},
		{"resize 0", `resize {"count":0}`}, {"resize -1", `resize {"count":-1}`}, {"resize unlimited", `resize {"count":-1}`},
		{"restart --all", `restart {"all":true}`}, {"stop 11", "stop"},
	} {
		run(strings.Fields(test.arguments)...).check(t, statusOK, `^NAT\|node-11\|0a1b2c3d \(pid 11\): serving, .*\n$`, "")
		if orders := told(m); len(orders) != i+1 || orders[i] != test.want {
			t.Errorf("%s: told %q", test.arguments, orders)
		}
	}
	run("resume", "--json").check(t, statusOK, `^{"version":1,[^\n]*}\n$`, "")
}

// A manager without workers may end before it answers: it has done what it was told.
func TestManagerThatEndsBeforeItsAnswer(t *testing.T) {
	m := managers(t, 1)[0]
	m.Set(func(m *fake.Manager) { m.Refuse = http.StatusServiceUnavailable })
	for _, arguments := range []string{"stop", "drain --end"} {
		run(strings.Fields(arguments)...).check(t, statusOK, `^NAT\|node-11\|0a1b2c3d \(pid 11\) has ended\n$`, "")
	}
	run("drain").check(t, statusFailed, "", "not in this mode")
}

func TestRestartTellsEachManagerOfItsWorkers(t *testing.T) {
	list := managers(t, 2)
	run("restart", "21", "0b0000000000000000000000000000002a").check(t, statusNotFound, "", "no worker")
	run("restart", "22", "31", "21").check(t, statusOK, "node-11.*\n.*node-12", "")
	for i, want := range []string{`"%[1]s0000002a","%[1]s0000001a"`, `"%[1]s0000001a"`} {
		id := list[i].State.Members[0].ID
		want = fmt.Sprintf(`restart {"workers":[`+want+`]}`, id[:len(id)-8])
		if orders := told(list[i]); len(orders) != 1 || orders[0] != want {
			t.Errorf("told %q, want %q", orders, want)
		}
	}
}

// await runs a wait of a command with a short poll interval.
func await(t *testing.T, ctx context.Context, wait func(*program, client.Found) error) error {
	t.Helper()
	p := &program{interval: time.Millisecond, seconds: 60}
	found, err := p.selectOne(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	return wait(p, found)
}

// after changes a manager at the Nth request for its state.
func after(m *fake.Manager, questions int, change func(*state.Manager)) {
	m.Set(func(m *fake.Manager) {
		m.OnStatus = func(m *fake.Manager) {
			if questions--; questions == 0 {
				change(&m.State)
			}
		}
	})
}

func TestWaitingForADrain(t *testing.T) {
	m := managers(t, 1)[0]
	wait := func(p *program, found client.Found) error {
		_, err := p.waitUntilDrained(context.Background(), found)
		return err
	}
	m.Set(func(m *fake.Manager) { m.State.Phase = state.Draining })
	after(m, 4, func(s *state.Manager) { s.Phase = state.Drained })
	if err := await(t, context.Background(), wait); err != nil {
		t.Error(err)
	}
	if asked := len(m.Requests()); asked != 4 {
		t.Errorf("asked %d times", asked)
	}
	m.Set(func(m *fake.Manager) { m.State.Phase = state.Draining })
	after(m, 3, func(s *state.Manager) { s.Phase = state.Serving })
	err := await(t, context.Background(), wait)
	if err == nil || !strings.Contains(err.Error(), "is no longer draining: it is serving") {
		t.Errorf("resumed: %v", err)
	}
	m.Set(func(m *fake.Manager) { m.State.Phase, m.OnStatus = state.Draining, nil })
	if err := await(t, context.Background(), func(p *program, found client.Found) error {
		m.Close()
		return wait(p, found)
	}); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("ended: %v", err)
	}
}

func TestWaitingForARestart(t *testing.T) {
	m := managers(t, 1)[0]
	ids := workerIDs(&m.State)
	m.Set(func(m *fake.Manager) { m.State.Members = m.State.Members[:2] })
	after(m, 3, func(s *state.Manager) {
		s.Members[0].ID = "new"
		s.Members = append(s.Members[1:], s.Members[0])
	})
	wait := func(p *program, found client.Found) error {
		answer, err := p.waitUntilReplaced(context.Background(), found, ids)
		if err == nil && (answer.Value.Members[0].ID != "new" || len(answer.Value.Members) != 2) {
			t.Errorf("got %+v", answer.Value.Members)
		}
		return err
	}
	ended := make(chan error)
	go func() { ended <- await(t, context.Background(), wait) }()
	for len(m.Requests()) < 6 {
		time.Sleep(time.Millisecond)
	}
	// A new worker has not registered yet.
	m.Set(func(m *fake.Manager) {
		m.State.Members = []state.Worker{{ID: "new", State: "registered"}, {ID: "newer", State: "running"}}
		m.State.Workers.Actual, m.State.Workers.Registered = 2, 1
	})
	for asked := len(m.Requests()); len(m.Requests()) < asked+3; {
		time.Sleep(time.Millisecond)
	}
	m.Set(func(m *fake.Manager) {
		m.State.Members = []state.Worker{{ID: "new", State: "registered"}, {ID: "newer", State: "registered"}}
		m.State.Workers.Registered = 2
	})
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A zombie does not count as running.
func TestRuns(t *testing.T) {
	process := exec.Command("sleep", "60")
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	if !isRunning(process.Process.Pid) {
		t.Error("a process counts as ended")
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for isRunning(process.Process.Pid) {
		time.Sleep(time.Millisecond)
	}
	_ = process.Wait()
	if isRunning(process.Process.Pid) {
		t.Error("a process that has ended counts as running")
	}
}
