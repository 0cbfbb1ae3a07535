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

// loop owns the pool until it is stopped and the last worker has exited. It never blocks: others send to it, and it
// sends only to queues, flags and the kernel.
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

// do has the loop run f, unless the loop has ended.
func (n *node) do(f func()) {
	select {
	case n.requests <- f:
	case <-n.closed:
	}
}

// post has the loop run f later. It does not block.
func (n *node) post(f func()) { n.posts.Put(f) }

// handle passes an event to the pool, from any goroutine but the loop's.
func (n *node) handle(event pool.Event) { n.do(func() { n.apply(event) }) }

// ask returns the loop's answer to a question, or the zero value if the loop has ended.
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

// apply passes an event to the pool and carries out the effects.
func (n *node) apply(event pool.Event) {
	for _, effect := range n.pool.Handle(time.Now(), event) {
		n.execute(effect)
	}
	now := n.pool.Snapshot()
	if now == n.last {
		return
	}
	if now.Desired != n.last.Desired || now.Actual != n.last.Actual {
		n.log.Debugf("workers: %d desired, %d actual", now.Desired, now.Actual)
	}
	if now.Desired != n.last.Desired {
		n.journal.Add(state.Event{Kind: state.DesiredChanged, Text: fmt.Sprintf("%d -> %d", n.last.Desired, now.Desired)})
	}
	n.publish(now)
	if now.Stable() && !n.last.Stable() {
		n.notifyStarted()
	}
	if n.agents != nil {
		n.agents.Hold(!now.Stable())
		before := n.last
		if before.Busy = now.Busy; before != now { // tasks have no influence on the next workers
			n.expectWorkers()
		}
	}
	if n.endDrained && n.pool.Drained() { // do not tell the scheduler first: the run would wait for its answer
		n.last = now
		n.endOnceDrained()
		return
	}
	if n.mode != nil {
		n.mode.changed(n.last, now)
	}
	n.last = now
}

// expectWorkers tells the agents the settings of the workers that the scheduler may ask for next. Fixed mode has none.
func (n *node) expectWorkers() {
	if n.plan.SpareProcessors == 0 || n.plan.Fixed() {
		return
	}
	var settings []protocol.Settings
	for _, slot := range n.pool.FreeSlots(int(n.plan.SpareProcessors)) {
		if of, err := n.settings(slot); err == nil {
			settings = append(settings, of)
		}
	}
	n.agents.Expect(settings)
}

// begin starts to serve, once everything that workers need is known.
func (n *node) begin(ctx context.Context, d discovery) {
	if ctx.Err() != nil { // stopped before
		if d.first != nil {
			d.first.Close()
		}
		return
	}
	n.disconnect = newDisconnector(d, n.log)
	if n.agents = d.agents; n.agents != nil {
		n.run(func() { n.agents.Run(n.runContext) })
		n.apply(pool.AgentsDrain{})
		n.expectWorkers()
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

// finish ends the run: the pool is told to Stop or Kill. The run returns the error of the first call.
func (n *node) finish(err error, how pool.Event) {
	if n.workContext.Err() == nil {
		n.err = err
		n.journal.Add(state.Event{Kind: state.ManagerStopping, Text: reason(err)})
	}
	n.stopWork()
	n.apply(how)
}

// handleHost handles an event of the worker host, on the supervisor's goroutine.
func (n *node) handleHost(event host.Event) {
	switch event := event.(type) {
	case host.Ready:
		n.do(func() {
			n.journal.Add(state.Event{Kind: state.HostStarted, Text: "Python is ready"})
			if n.agents != nil {
				n.agents.HostReady()
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

// handleMessage handles a message of the worker host about a worker.
func (n *node) handleMessage(message protocol.Message) {
	if n.agents != nil {
		n.tellAgents(message)
	}
	if event := workerEvent(message); event != nil {
		n.apply(event)
		return
	}
	n.processors.update(message)
	if message, is := message.(protocol.Processor); is {
		n.preferRunning(message.Worker, message.Pid)
	}
}
