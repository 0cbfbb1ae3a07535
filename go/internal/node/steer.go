package node

import (
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// The commands of control.Manager that change something. Each returns as soon as the loop has begun to carry it out.

// Drain stops taking new tasks. See control.Manager.
func (n *node) Drain(d state.Drain) error {
	if d.Deadline < 0 {
		return fmt.Errorf("%w: the deadline is negative", control.ErrRefused)
	}
	return n.steer(func() error {
		limit := config.Duration(d.Deadline)
		n.log.Infof("draining%s, as requested", drainText(limit, d.End))
		n.drain(limit, d.End)
		return nil
	})
}

// Resume ends a drain and restores the desired number of workers.
func (n *node) Resume() error {
	return n.steer(func() error {
		switch {
		case !n.pool.Draining():
			return fmt.Errorf("%w: the manager is not draining", control.ErrRefused)
		case n.signals.draining:
			return fmt.Errorf("%w: a signal has asked the manager to drain and stop", control.ErrRefused)
		}
		n.log.Infof("resuming, as requested")
		n.journal.Add(state.Event{Kind: state.ManagerResumed, Text: "as requested"})
		n.endDrained = false
		n.apply(pool.Resume{})
		n.offer()
		return nil
	})
}

// Resize sets the number of workers in fixed mode, or their maximum in dynamic mode.
func (n *node) Resize(r state.Resize) error {
	least := pool.Unlimited
	if n.plan.Fixed() {
		least = 1 // fixed mode ends with the last worker
	}
	if r.Count < least {
		return fmt.Errorf("%w: the minimum in %s mode is %d", control.ErrRefused, n.plan.Mode, least)
	}
	return n.steer(func() error {
		n.log.Infof("resizing from %d to %d workers, as requested", n.maximum, r.Count)
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

// Restart drains workers and replaces them.
func (n *node) Restart(r state.Restart) error {
	return n.steer(func() error {
		if n.pool.Draining() {
			return fmt.Errorf("%w: the manager is draining", control.ErrRefused)
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
			return fmt.Errorf("%w: the list of workers is empty", control.ErrNotFound)
		}
		for _, w := range found {
			n.logOf(w.Identity, w.Pid).Infof("restarting worker %s (pid %d), as requested", w.Identity, w.Pid)
			n.apply(pool.Restart{Worker: w.Number})
		}
		return nil
	})
}

// Stop does the same as SIGTERM: repeated, it takes the next step towards the end.
func (n *node) Stop() error {
	if o := ask(n, func() *outcome {
		n.terminate("received a request to stop", true)
		return &outcome{}
	}); o == nil {
		return control.ErrEnded
	}
	return nil
}

type outcome struct{ err error }

// steer has the loop run f, unless the manager is stopping.
func (n *node) steer(f func() error) error {
	o := ask(n, func() *outcome {
		if n.workContext.Err() != nil {
			return &outcome{fmt.Errorf("%w: the manager is stopping", control.ErrRefused)}
		}
		return &outcome{f()}
	})
	if o == nil {
		return control.ErrEnded
	}
	return o.err
}

// drain drains all workers within a limit, 0 for none. Then the manager ends, or waits.
func (n *node) drain(limit time.Duration, end bool) {
	n.endDrained = end || n.signals.draining
	n.drainUntil = time.Time{}
	if limit > 0 {
		n.drainUntil = time.Now().Add(limit)
	}
	n.journal.Add(state.Event{Kind: state.ManagerDraining, Text: "running tasks go on" + drainText(limit, end)})
	n.apply(pool.Drain{Deadline: limit})
	n.offer()
	n.endOnceDrained()
}

// endOnceDrained ends the run if it has drained and is to end then.
func (n *node) endOnceDrained() {
	if n.endDrained && n.pool.Drained() {
		n.endDrained = false
		n.log.Infof("all workers have finished their tasks, stopping")
		n.finish(nil, pool.Stop{})
	}
}

// offer passes on a change of the maximum or of draining.
func (n *node) offer() {
	now := n.pool.Snapshot()
	n.publish(now)
	if n.agents != nil {
		n.expectWorkers()
	}
	if n.mode != nil {
		n.mode.offer(n.maximum, n.pool.Draining())
		n.mode.changed(now, now)
	}
}

// phase returns the phase that the status reports.
func (n *node) phase() string {
	switch {
	case n.workContext.Err() != nil:
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

// drainText words the limit of a drain, and what follows it.
func drainText(limit time.Duration, end bool) (text string) {
	if limit > 0 {
		text = " for up to " + limit.String()
	}
	if end {
		text += ", then the manager ends"
	}
	return text
}
