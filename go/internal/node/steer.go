package node

import (
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// What a manager can be told. Each is done in the loop, and returns when it has begun.

// Drain has the manager take no new tasks, see control.Manager.
func (n *node) Drain(d state.Drain) error {
	if d.Deadline < 0 {
		return fmt.Errorf("%w: a deadline is not negative", control.ErrRefused)
	}
	return n.steer(func() error {
		limit := config.Duration(d.Deadline)
		n.log.Infof("draining%s, as asked%s", within(limit), map[bool]string{true: "; the manager ends then"}[d.End])
		n.drain(limit, d.End)
		return nil
	})
}

// Resume ends a drain: there are as many workers again as were desired before.
func (n *node) Resume() error {
	return n.steer(func() error {
		switch {
		case !n.pool.Draining():
			return fmt.Errorf("%w: the manager does not drain", control.ErrRefused)
		case n.signals.draining:
			return fmt.Errorf("%w: the manager drains to end, as a signal has asked", control.ErrRefused)
		}
		n.log.Infof("resuming, as asked")
		n.endDrained = false
		n.journal.Add(state.Event{Kind: state.ManagerResumed, Text: "as asked"})
		n.apply(pool.Resume{})
		n.offer()
		return nil
	})
}

// Resize changes how many workers there are in fixed mode, and may be in dynamic mode.
func (n *node) Resize(r state.Resize) error {
	least := pool.Unlimited
	if n.plan.Fixed() {
		least = 1 // without a worker a manager of a fixed number ends
	}
	if r.Count < least {
		return fmt.Errorf("%w: in %s mode the least number is %d", control.ErrRefused, n.plan.Mode, least)
	}
	return n.steer(func() error {
		n.log.Infof("resizing from %d to %d workers, as asked", n.maximum, r.Count)
		n.journal.Add(state.Event{Kind: state.ManagerResized, Text: fmt.Sprintf("%d -> %d", n.maximum, r.Count)})
		n.maximum = r.Count
		n.apply(pool.Resize{Maximum: r.Count})
		if n.plan.Fixed() && n.mode != nil {
			n.apply(pool.SetDesired{Count: r.Count})
		}
		n.offer()
		return nil
	})
}

// Restart has other workers come in the place of some, which finish their tasks first.
func (n *node) Restart(r state.Restart) error {
	return n.steer(func() error {
		if n.pool.Draining() {
			return fmt.Errorf("%w: the manager drains", control.ErrRefused)
		}
		if r.All {
			n.apply(pool.RestartAll{})
			return nil
		}
		var found []pool.Worker
		for _, name := range r.Workers {
			w, err := n.findWorker(name)
			if err != nil {
				return err
			}
			found = append(found, w)
		}
		if len(found) == 0 {
			return fmt.Errorf("%w: none was named", control.ErrNotFound)
		}
		for _, w := range found {
			n.logOf(w.Identity, w.Pid).Infof("restarting worker %s (pid %d), as asked", w.Identity, w.Pid)
			n.apply(pool.Restart{Worker: w.Number})
		}
		return nil
	})
}

// Stop is as SIGTERM: a second one shortens, a third kills.
func (n *node) Stop() error {
	if o := ask(n, func() *outcome {
		n.terminate("asked to end", true)
		return &outcome{}
	}); o == nil {
		return control.ErrEnded
	}
	return nil
}

type outcome struct{ err error }

// steer has the loop do something, unless the manager ends.
func (n *node) steer(f func() error) error {
	o := ask(n, func() *outcome {
		if n.working.Err() != nil {
			return &outcome{fmt.Errorf("%w: the manager is stopping", control.ErrRefused)}
		}
		return &outcome{f()}
	})
	if o == nil {
		return control.ErrEnded
	}
	return o.err
}

// drain has all workers finish their tasks within a limit, 0 for none, and the manager end then or wait.
func (n *node) drain(limit time.Duration, end bool) {
	n.endDrained = end || n.signals.draining
	n.drainUntil = time.Time{}
	if limit > 0 {
		n.drainUntil = time.Now().Add(limit)
	}
	n.journal.Add(state.Event{Kind: state.ManagerDraining, Text: drainText(limit, n.endDrained)})
	n.apply(pool.Drain{Deadline: limit})
	n.offer()
	n.endOnceDrained()
}

// endOnceDrained ends the manager if it is to end then.
func (n *node) endOnceDrained() {
	if n.endDrained && n.pool.Drained() {
		n.endDrained = false
		n.log.Infof("all workers have finished their tasks, stopping")
		n.finish(nil, pool.Stop{})
	}
}

// offer tells whom it concerns how many workers there may be, after a change.
func (n *node) offer() {
	now := n.pool.Snapshot()
	n.publish(now)
	if n.agents != nil {
		n.expect()
	}
	if n.mode != nil {
		n.mode.offer(n.maximum, n.pool.Draining())
		n.mode.changed(now, now)
	}
}

// phase is where the manager is in its life.
func (n *node) phase() string {
	switch {
	case n.working.Err() != nil:
		return state.Stopping
	case n.pool.Drained():
		return state.Drained
	case n.pool.Draining():
		return state.Draining
	case n.mode != nil:
		return state.Serving
	case n.known.ready.Scaler != "":
		return state.Waiting
	}
	return state.Starting
}

func drainText(limit time.Duration, end bool) string {
	then := "waits then"
	if end {
		then = "ends then"
	}
	return "the manager " + then + within(limit)
}

func within(limit time.Duration) string {
	if limit == 0 {
		return ""
	}
	return " for up to " + limit.String()
}
