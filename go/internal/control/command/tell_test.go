package command

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/fake"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// told are the orders that a manager was given.
func told(m *fake.Manager) (orders []string) {
	for _, asked := range m.Asked() {
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
		run(strings.Fields(test.arguments)...).check(t, statusDone, `^NAT\|node-11\|0a1b2c3d \(pid 11\): serving, .*\n$`, "")
		if orders := told(m); len(orders) != i+1 || orders[i] != test.want {
			t.Errorf("%s: told %q", test.arguments, orders)
		}
	}
	run("resume", "--json").check(t, statusDone, `^{"version":1,[^\n]*}\n$`, "")
}

func TestRestartTellsEachManagerOfItsWorkers(t *testing.T) {
	list := managers(t, 2)
	run("restart", "21", "0b0000000000000000000000000000002a").check(t, statusMissing, "", "there is no worker")
	run("restart", "22", "31", "21").check(t, statusDone, "node-11.*\n.*node-12", "")
	for i, want := range []string{`"%[1]s0000002a","%[1]s0000001a"`, `"%[1]s0000001a"`} {
		id := list[i].State.Members[0].ID
		want = fmt.Sprintf(`restart {"workers":[`+want+`]}`, id[:len(id)-8])
		if orders := told(list[i]); len(orders) != 1 || orders[0] != want {
			t.Errorf("told %q, want %q", orders, want)
		}
	}
}

// await has a command wait for something, and look again at once.
func await(t *testing.T, ctx context.Context, wait func(*program, client.Found) error) error {
	t.Helper()
	p := &program{interval: time.Millisecond, seconds: 60}
	found, err := p.one(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	return wait(p, found)
}

// after has a manager change with the Nth question for its state from now on.
func after(m *fake.Manager, questions int, change func(*state.Manager)) {
	m.Set(func(m *fake.Manager) {
		m.Asks = func(m *fake.Manager) {
			if questions--; questions == 0 {
				change(&m.State)
			}
		}
	})
}

func TestWaitingForADrain(t *testing.T) {
	m := managers(t, 1)[0]
	wait := func(p *program, found client.Found) error {
		_, err := p.untilDrained(context.Background(), found)
		return err
	}
	m.Set(func(m *fake.Manager) { m.State.Phase = state.Draining })
	after(m, 4, func(s *state.Manager) { s.Phase = state.Drained })
	if err := await(t, context.Background(), wait); err != nil {
		t.Error(err)
	}
	if asked := len(m.Asked()); asked != 4 {
		t.Errorf("asked %d times", asked)
	}
	m.Set(func(m *fake.Manager) { m.State.Phase = state.Draining })
	after(m, 3, func(s *state.Manager) { s.Phase = state.Serving })
	if err := await(t, context.Background(), wait); err == nil || !strings.Contains(err.Error(), "does not drain any more: it is serving") {
		t.Errorf("resumed: %v", err)
	}
	m.Set(func(m *fake.Manager) { m.State.Phase, m.Asks = state.Draining, nil })
	if err := await(t, context.Background(), func(p *program, found client.Found) error {
		m.Close()
		return wait(p, found)
	}); err == nil || !strings.Contains(err.Error(), "has ended meanwhile") {
		t.Errorf("ended: %v", err)
	}
}

func TestWaitingForARestart(t *testing.T) {
	m := managers(t, 1)[0]
	ids := identities(&m.State)
	m.Set(func(m *fake.Manager) { m.State.Members = m.State.Members[:2] })
	after(m, 3, func(s *state.Manager) {
		s.Members[0].ID = "new"
		s.Members = append(s.Members[1:], s.Members[0])
	})
	wait := func(p *program, found client.Found) error {
		answer, err := p.untilReplaced(context.Background(), found, ids)
		if err == nil && (answer.Value.Members[0].ID != "new" || len(answer.Value.Members) != 2) {
			t.Errorf("got %+v", answer.Value.Members)
		}
		return err
	}
	ended := make(chan error)
	go func() { ended <- await(t, context.Background(), wait) }()
	for len(m.Asked()) < 6 {
		time.Sleep(time.Millisecond)
	}
	// A new one that has not registered yet.
	m.Set(func(m *fake.Manager) {
		m.State.Members = []state.Worker{{ID: "new", State: "registered"}, {ID: "newer", State: "running"}}
		m.State.Workers.Actual, m.State.Workers.Registered = 2, 1
	})
	for asked := len(m.Asked()); len(m.Asked()) < asked+3; {
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

// The process is what is waited for, and one that nobody has waited for is none.
func TestRuns(t *testing.T) {
	process := exec.Command("sleep", "60")
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	if !runs(process.Process.Pid) {
		t.Error("a process does not count")
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for runs(process.Process.Pid) {
		time.Sleep(time.Millisecond)
	}
	_ = process.Wait()
	if runs(process.Process.Pid) {
		t.Error("one that is no more counts")
	}
}
