package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// registerTimeout is how long a replacement may take to register before a rolling restart is abandoned.
const registerTimeout = 30 * time.Second

// rollingRestart restarts workers one after the other.
type rollingRestart struct {
	left    []int     // numbers of the workers still to be restarted
	current int       // number of the worker being restarted; 0 before the first one
	goal    int       // registered workers before it was stopped
	exited  bool      // the current worker has exited
	until   time.Time // when the whole restart is abandoned
}

func (e Restart) apply(p *Pool) {
	if m := p.workers[e.Worker]; m != nil {
		p.restart(m)
	}
}

func (RestartAll) apply(p *Pool) {
	if p.stopping || p.draining {
		return
	}
	p.rollingRestart = &rollingRestart{}
	for _, m := range p.sorted(restartable) {
		p.rollingRestart.left = append(p.rollingRestart.left, m.number)
	}
	p.log(logging.Info, "restarting %d workers one after the other", len(p.rollingRestart.left))
}

// restartable excludes workers without a process: they are new anyway.
func restartable(s worker.State) bool { return s == worker.Running || s == worker.Registered }

// restart retires a worker and has it replaced when it has exited.
func (p *Pool) restart(m *member) {
	if p.stopping || p.draining || !restartable(m.state) {
		return
	}
	m.replaceOnExit = true
	p.retire(m)
}

// advanceRestart restarts the next worker once the number of registered workers is back to what it was, or to the
// desired number if that is lower. If the replacement does not register in time, the next one would not either, so
// the rolling restart is abandoned.
func (p *Pool) advanceRestart() {
	for r := p.rollingRestart; r != nil && !p.turnPending(r); {
		next := p.nextTurn(r)
		if next == nil {
			p.log(logging.Info, "all workers have been restarted")
			p.rollingRestart = nil
			return
		}
		p.rollingRestart = &rollingRestart{left: r.left, current: next.number, goal: p.registered()}
		r = p.rollingRestart
		r.until = p.now.Add(p.options.DrainTimeout).Add(p.options.StopTimeout).Add(killTimeout)
		p.restart(next)
	}
}

// turnPending reports whether the current worker still has to be replaced. It abandons the restart after r.until.
func (p *Pool) turnPending(r *rollingRestart) bool {
	if r.current == 0 {
		return false
	}
	if p.workers[r.current] == nil && !r.exited {
		r.exited, r.until = true, p.now.Add(registerTimeout)
	}
	if r.exited && p.registered() >= min(r.goal, p.desired) {
		return false
	}
	if !r.until.After(p.now) {
		p.log(logging.Warning, "rolling restart abandoned: the last worker was not replaced, %d workers are not restarted",
			len(r.left))
		p.rollingRestart = nil
	}
	return true
}

// nextTurn takes the next worker that can still be restarted, nil if none is left.
func (p *Pool) nextTurn(r *rollingRestart) *member {
	for len(r.left) > 0 {
		m := p.workers[r.left[0]]
		r.left = r.left[1:]
		if m != nil && restartable(m.state) {
			return m
		}
	}
	return nil
}

func (p *Pool) registered() (count int) {
	for _, m := range p.workers {
		if m.state == worker.Registered {
			count++
		}
	}
	return count
}
