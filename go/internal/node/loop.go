package node

import (
	"context"
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/host"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// loop owns the pool until it was stopped and the last worker is gone. It waits for nobody: others send to it, and what
// it sends to is a queue, a flag or the kernel.
func (n *node) loop() {
	defer close(n.closed)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for !n.pool.Finished() {
		due := time.Hour
		if deadline := n.pool.Deadline(); !deadline.IsZero() {
			due = time.Until(deadline)
		}
		timer.Reset(max(due, 0))
		select {
		case request := <-n.requests:
			request()
		case <-n.posts.Ready():
			for _, post := range n.posts.Take() {
				post()
			}
		case received := <-n.signals.received:
			n.handleSignal(received)
		case <-timer.C:
			n.apply(pool.Tick{})
		}
	}
}

// do has the loop run f, unless it has ended.
func (n *node) do(f func()) {
	select {
	case n.requests <- f:
	case <-n.closed:
	}
}

// post has the loop run f, and does not wait.
func (n *node) post(f func()) { n.posts.Put(f) }

// handle gives the pool an event, from any goroutine but the loop's.
func (n *node) handle(event pool.Event) { n.do(func() { n.apply(event) }) }

// ask has the loop answer a question, with the zero value when it has ended.
func ask[Answer any](n *node, question func() Answer) (answer Answer) {
	given := make(chan Answer, 1)
	n.do(func() { given <- question() })
	select {
	case answer = <-given:
	case <-n.closed:
	}
	return answer
}

func (n *node) snapshot() pool.Snapshot { return ask(n, n.pool.Snapshot) }

// apply gives the pool an event and carries out what it asks for.
func (n *node) apply(event pool.Event) {
	for _, effect := range n.pool.Handle(time.Now(), event) {
		n.execute(effect)
	}
	now := n.pool.Snapshot()
	if now == n.before {
		return
	}
	if now.Desired != n.before.Desired || now.Actual != n.before.Actual {
		n.log.Debugf("workers: %d desired, %d there", now.Desired, now.Actual)
	}
	if now.Desired != n.before.Desired {
		n.journal.Add(state.Event{Kind: state.DesiredChanged, Text: fmt.Sprintf("%d -> %d", n.before.Desired, now.Desired)})
	}
	n.publish(now)
	if now.Stable() && !n.before.Stable() {
		n.settle()
	}
	if n.agents != nil {
		n.agents.Hold(!now.Stable())
		before := n.before
		if before.Busy = now.Busy; before != now { // a task changes nothing of which workers may come
			n.expect()
		}
	}
	if n.endDrained && n.pool.Drained() { // without a word of it: who is asked for an answer has to wait for it
		n.before = now
		n.endOnceDrained()
		return
	}
	if n.mode != nil {
		n.mode.changed(n.before, now)
	}
	n.before = now
}

// expect tells the agents what the workers that the scheduler may ask for next are given. In fixed mode it asks for
// none.
func (n *node) expect() {
	if n.plan.SpareProcessors == 0 || n.plan.Fixed() {
		return
	}
	var settings []protocol.Settings
	for _, slot := range n.pool.Free(int(n.plan.SpareProcessors)) {
		if of, err := n.settings(slot); err == nil {
			settings = append(settings, of)
		}
	}
	n.agents.Expect(settings)
}

// begin opens the node for work, once all is known that workers need.
func (n *node) begin(ctx context.Context, d discovery) {
	if ctx.Err() != nil { // the signal came first
		if d.first != nil {
			d.first.Close()
		}
		return
	}
	n.disconnect = newDisconnector(d, n.log)
	if n.agents = d.agents; n.agents != nil {
		n.run(func() { n.agents.Run(n.living) })
		n.apply(pool.AgentsDrain{})
		n.expect()
	}
	n.run(func() { n.limitMemory(ctx) })
	n.run(func() { n.killStalled(ctx) })
	if n.plan.Fixed() {
		n.mode = n.newFixed(ctx, d)
		n.apply(pool.SetDesired{Count: n.maximum})
	} else {
		n.mode = n.newDynamic(ctx, d)
	}
	n.offer()
}

// finish ends the work and has the pool end by an event, Stop or Kill. The first error is what the run ends with.
func (n *node) finish(err error, how pool.Event) {
	if n.working.Err() == nil {
		n.err = err
		n.journal.Add(state.Event{Kind: state.ManagerStopping, Text: reason(err)})
	}
	n.stopWork()
	n.apply(how)
}

// handleHost takes an event of the worker host, in the supervisor's goroutine.
func (n *node) handleHost(event host.Event) {
	switch event := event.(type) {
	case host.Ready:
		n.do(func() {
			n.journal.Add(state.Event{Kind: state.HostStarted, Text: "Python is ready"})
			if n.agents != nil {
				n.agents.HostBack()
			}
			n.apply(pool.HostReady{})
		})
	case host.Lost:
		n.do(func() {
			clear(n.processors)
			n.known.hostLosses++
			n.journal.Add(state.Event{Kind: state.HostLost, Text: "its workers are lost with it"})
			if n.agents != nil {
				n.agents.HostLost()
			}
			n.apply(pool.HostLost{Orphans: n.children.Orphans()})
		})
	case host.Message:
		n.do(func() { n.handleMessage(event.Message) })
	}
}

// handleMessage takes what the worker host says of a worker.
func (n *node) handleMessage(message protocol.Message) {
	if n.agents != nil {
		n.tellAgents(message)
	}
	if event := workerEvent(message); event != nil {
		n.apply(event)
		return
	}
	n.processors.note(message)
	if message, is := message.(protocol.Processor); is {
		n.preferRunning(message.Worker, message.Pid)
	}
}
