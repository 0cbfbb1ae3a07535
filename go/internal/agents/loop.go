package agents

import (
	"context"
	"time"
)

// Run runs the agents until ctx ends, and waits for all goroutines that it has started.
func (s *Set) Run(ctx context.Context) {
	s.ctx = ctx
	defer close(s.closed)
	if poller, err := s.poll(); err != nil {
		s.options.Log.Debugf("no poller, so each connection has its own goroutine: %v", err)
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
	for _, timer := range []*time.Timer{s.spares.timer, s.holdTimer} {
		if timer != nil {
			timer.Stop()
		}
	}
	for p := range s.peers {
		p.close()
	}
	s.options.Listener.Close()
	// Goroutines that flush connections still need the loop, but agents get no more events.
	ended := make(chan struct{})
	go func() {
		s.goroutines.Wait()
		close(ended)
	}()
	s.serveUntil(ended, nil)
}

// serveUntil runs the loop until over is closed.
func (s *Set) serveUntil(closed, box <-chan struct{}) {
	var ready <-chan struct{}
	if s.poller != nil {
		ready = s.poller.Ready()
	}
	sample := time.NewTicker(time.Second)
	defer sample.Stop()
	for {
		select {
		case <-closed:
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
			if len(s.spares.reported) > 0 {
				s.keepSpares() // free memory may have become scarce
			}
		}
	}
}

// run starts a goroutine that Run waits for.
func (s *Set) run(f func()) {
	s.goroutines.Add(1)
	go func() {
		defer s.goroutines.Done()
		f()
	}()
}

// do has the loop run f, and returns when it starts to. It may only be called from goroutines of run.
func (s *Set) do(f func()) {
	select {
	case s.events <- f:
	case <-s.closed:
	}
}
