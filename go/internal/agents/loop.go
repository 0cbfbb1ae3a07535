package agents

import (
	"context"
	"time"
)

// Run runs the agents until ctx ends, and waits for all that it began.
func (s *Set) Run(ctx context.Context) {
	s.ctx = ctx
	defer close(s.closed)
	if poller, err := s.poll(); err != nil {
		s.options.Log.Debugf("each connection has a goroutine that waits for it: %v", err)
	} else {
		s.poller, s.scratch = poller, make([]byte, scratchSize)
		defer poller.Close()
	}
	s.run(s.accept)
	s.run(func() { s.usage.run(ctx) })
	s.serveUntil(ctx.Done(), s.box.Ready())
	for _, m := range s.members {
		s.remove(m)
	}
	if s.spares.timer != nil {
		s.spares.timer.Stop()
	}
	for p := range s.peers {
		p.close()
	}
	s.options.Listener.Close()
	// Connections still have something to send and to hear, but there is nothing new for agents.
	ended := make(chan struct{})
	go func() {
		s.goroutines.Wait()
		close(ended)
	}()
	s.serveUntil(ended, nil)
}

// serveUntil is the loop.
func (s *Set) serveUntil(over, box <-chan struct{}) {
	var ready <-chan struct{}
	if s.poller != nil {
		ready = s.poller.Ready()
	}
	sample := time.NewTicker(time.Second)
	defer sample.Stop()
	for {
		select {
		case <-over:
			return
		case <-box:
			for _, f := range s.box.Take() {
				f()
			}
		case f := <-s.events:
			f()
		case <-ready:
			for _, token := range s.poller.Take() {
				s.read(token)
			}
		case <-sample.C:
			s.samplePeaks()
			s.shared.forget()
			s.usage.watch(s.pids())
			if len(s.spares.told) > 0 {
				s.keepSpares() // memory may have become scarce
			}
		}
	}
}

// run runs f in a goroutine that Run waits for.
func (s *Set) run(f func()) {
	s.goroutines.Add(1)
	go func() {
		defer s.goroutines.Done()
		f()
	}()
}

// do has the loop run f, and waits until it begins to. The loop lasts as long as goroutines of run.
func (s *Set) do(f func()) {
	select {
	case s.events <- f:
	case <-s.closed:
	}
}
