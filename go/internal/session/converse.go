package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// answersWaiting bounds the answers that are not sent yet. A scheduler has one command in
// flight (1.26.0 to 2.3.3), so that more means something else than a scheduler.
const answersWaiting = 16

// converse speaks over one connection until that ends, and tells why it did.
func (s *Session) converse(ctx context.Context, connection transport.Conn) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// What ends the conversation also ends a waiting Receive.
	stop := context.AfterFunc(ctx, func() { connection.Close() })
	defer stop()

	echoes := make(chan struct{}, 1)
	answers := make(chan []byte, answersWaiting)
	received := make(chan struct{})
	go func() {
		defer close(received)
		cancel(s.receive(connection, echoes, answers))
	}()
	err := s.beat(ctx, connection, echoes, answers)
	cancel(err)
	<-received
	return context.Cause(ctx)
}

// beat sends heartbeats, and answers as they come, until ctx ends. Nobody else sends.
func (s *Session) beat(ctx context.Context, connection transport.Conn, echoes <-chan struct{}, answers <-chan []byte) error {
	frame, err := s.options.Codec.Heartbeat(s.options.Heartbeat)
	if err != nil {
		return err
	}
	next := time.NewTimer(0)
	defer next.Stop()
	quiet := max(s.silence, 2*s.options.Interval)
	unanswered := time.NewTimer(quiet)
	defer unanswered.Stop()
	lastEcho, said := time.Now(), false
	var last time.Time // when the last heartbeat was sent
	var answer time.Duration
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-echoes:
			lastEcho, said = time.Now(), false
			if !last.IsZero() { // it answers a heartbeat that somebody else has sent
				answer += (lastEcho.Sub(last) - answer) / 4 // smoothed: one late answer says little
			}
			unanswered.Reset(quiet)
			continue
		case <-unanswered.C:
			if time.Since(lastEcho) > s.patience+quiet/2 {
				return fmt.Errorf("lost the scheduler %s: %w", s.options.Scheduler, errUnanswered)
			}
			if !said {
				said = true
				s.options.Log.Warningf("the scheduler does not answer heartbeats: it hangs, or another manager with the id %q is connected, or was within the last 10 s",
					s.options.Heartbeat.ManagerID)
			}
			unanswered.Reset(quiet)
			continue
		case frame := <-answers:
			if err := connection.Send(frame); err != nil {
				return fmt.Errorf("cannot answer the scheduler %s: %w", s.options.Scheduler, err)
			}
			continue
		case <-s.wake:
		case <-next.C:
		}
		if wait := s.hold(last); wait > 0 {
			next.Reset(wait)
			continue
		}
		if err := connection.Send(frame); err != nil {
			return fmt.Errorf("cannot send a heartbeat to %s: %w", s.options.Scheduler, err)
		}
		last = time.Now()
		next.Reset(s.interval(answer))
	}
}

// interval is the time to the next heartbeat if nothing happens, when the last one was answered so quickly.
func (s *Session) interval(answer time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.eager {
		return s.options.Interval
	}
	return min(s.options.Interval, max(eagerInterval, eagerShare*answer))
}

// hold tells how long a heartbeat that is due has to wait.
func (s *Session) hold(last time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unsettled {
		// Settled is followed by Hurry, so that nothing is lost by a long wait.
		return time.Until(last.Add(holdLimit))
	}
	return time.Until(last.Add(spacing))
}

// receive hands on what the scheduler sends, until the connection ends.
func (s *Session) receive(connection transport.Conn, echoes chan<- struct{}, answers chan<- []byte) error {
	for {
		frame, err := connection.Receive()
		if err != nil {
			return s.options.explain(err)
		}
		received, err := s.options.Codec.Decode(frame)
		var unexpected *message.UnexpectedTagError
		switch {
		case errors.As(err, &unexpected) && len(unexpected.Dialects) > 0:
			return fmt.Errorf("%w: %w", ErrIncompatible, err)
		case errors.As(err, &unexpected):
			s.options.Log.Warningf("passing over a message of the scheduler: %v", err)
			continue
		case err != nil:
			return fmt.Errorf("the scheduler %s sent what cannot be read: %w", s.options.Scheduler, err)
		}
		switch received := received.(type) {
		case message.Echo:
			select {
			case echoes <- struct{}{}:
			default:
			}
		case message.Command:
			if want := s.options.Codec.Dialect().Generation(); received.Generation != want {
				return fmt.Errorf("%w: the scheduler gives %s commands, the installed Scaler knows %s ones", ErrIncompatible, received.Generation, want)
			}
			s.options.Command(received, func(response message.Response) { s.respond(response, answers) })
		}
	}
}

// respond has a command answered on the connection that it came by; if that is gone, so
// is the question. It does not block: the pool's goroutine calls it.
func (s *Session) respond(response message.Response, answers chan<- []byte) {
	frame, err := s.options.Codec.Response(response)
	if err != nil {
		s.options.Log.Errorf("cannot answer a command: %v", err)
		return
	}
	select {
	case answers <- frame:
	default:
		s.options.Log.Warningf("the scheduler gives commands faster than it takes the answers; one is left out")
	}
}
