package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// joinTime is how long the worker in the place of one that was restarted may take to register, before it counts as a
// sign that the others had better be left as they are.
const joinTime = 30 * time.Second

// rolling is a restart of workers one after the other.
type rolling struct {
	left  []int     // numbers of those whose turn is to come
	turn  int       // of the one whose turn it is
	goal  int       // how many were registered when it came
	gone  bool      // it has ended
	until time.Time // when this turn is given up, and the rest with it
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
	p.rolling = &rolling{}
	for _, m := range p.sorted(restartable) {
		p.rolling.left = append(p.rolling.left, m.number)
	}
	p.log(logging.Info, "restarting %d workers one after the other", len(p.rolling.left))
}

// restartable tells whether there is something to restart: what has no process yet is new anyway.
func restartable(s worker.State) bool { return s == worker.Running || s == worker.Registered }

// restart lets a worker go, and another one come in its place.
func (p *Pool) restart(m *member) {
	if p.stopping || p.draining || !restartable(m.state) {
		return
	}
	m.renewed = true
	p.dismiss(m)
}

// roll goes on with the restart of all, when there are as many workers again as before the last turn, or as are desired
// now. If they do not come, it ends: the next one would not either.
func (p *Pool) roll() {
	for r := p.rolling; r != nil && !p.rolled(r); {
		next := p.nextTurn(r)
		if next == nil {
			p.log(logging.Info, "all workers have been restarted")
			p.rolling = nil
			return
		}
		p.rolling = &rolling{left: r.left, turn: next.number, goal: p.registered()}
		r = p.rolling
		r.until = p.now.Add(p.options.DrainTimeout).Add(p.options.StopTimeout).Add(killTime)
		p.restart(next)
	}
}

// rolled tells whether the turn goes on, or was given up.
func (p *Pool) rolled(r *rolling) bool {
	if r.turn == 0 {
		return false
	}
	if p.workers[r.turn] == nil && !r.gone {
		r.gone, r.until = true, p.now.Add(joinTime)
	}
	if r.gone && p.registered() >= min(r.goal, p.desired) {
		return false
	}
	if !r.until.After(p.now) {
		p.log(logging.Warning, "%d workers are not restarted: the place of the last one has not been filled", len(r.left))
		p.rolling = nil
	}
	return true
}

// nextTurn takes the next worker that is still there.
func (p *Pool) nextTurn(r *rolling) *member {
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
