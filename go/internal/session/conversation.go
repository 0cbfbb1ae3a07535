package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// answersWaiting limits the queue of answers. A scheduler has one command in flight at a time (1.26.0 to 2.3.3), so a
// peer that fills the queue is not a scheduler.
const answersWaiting = 16

const (
	// lastAnswerTime limits the wait for the answer to the last heartbeat before the connection is closed. A 2.3.3
	// scheduler that sends it to a closed connection waits forever for the manager to reconnect.
	lastAnswerTime = 500 * time.Millisecond

	// lastCommandTime is how long a command may follow the answer.
	lastCommandTime = 50 * time.Millisecond
)

// converse talks over one connection until it ends, and returns why it did.
func (s *Session) converse(until context.Context, connection transport.Conn) error {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(until))
	defer cancel(nil)
	// Closing the connection unblocks Receive.
	stop := context.AfterFunc(ctx, func() { connection.Close() })
	defer stop()

	echoes := make(chan struct{}, 1)
	answers := make(chan []byte, answersWaiting)
	received := make(chan struct{})
	go func() {
		defer close(received)
		cancel(s.receive(connection, echoes, answers))
	}()
	listened := make(chan struct{})
	go func() {
		defer close(listened)
		listening, end := context.WithCancel(until)
		defer end()
		defer context.AfterFunc(ctx, end)()
		s.listen(listening, connection.Peer())
	}()
	owed, err := s.sendLoop(until, ctx, connection, echoes, answers)
	if owed {
		select {
		case <-echoes:
			backoff.Wait(ctx, lastCommandTime)
		case <-ctx.Done():
		case <-time.After(lastAnswerTime):
		}
	}
	cancel(err)
	<-received
	<-listened
	return context.Cause(ctx)
}

// sendLoop sends heartbeats and answers until the session or the connection ends. It returns whether the scheduler
// still owes an answer. Nothing else sends on the connection.
func (s *Session) sendLoop(
	until, ended context.Context, connection transport.Conn, echoes <-chan struct{}, answers <-chan []byte,
) (owed bool, err error) {
	next := time.NewTimer(0)
	defer next.Stop()
	quiet := max(s.silence, 2*s.options.Interval)
	unanswered := time.NewTimer(quiet)
	defer unanswered.Stop()
	begun := time.Now()
	lastEcho, warned := begun, false
	var last time.Time // when the last heartbeat was sent
	held := false      // a heartbeat is due but held back
	var answer time.Duration
	for {
		select {
		case <-until.Done():
			return owed, nil
		case <-ended.Done():
			return false, nil
		case <-echoes:
			owed = false
			lastEcho, warned = time.Now(), false
			if !last.IsZero() { // otherwise the echo answers a heartbeat sent before this session began
				s.latency.Store(int64(lastEcho.Sub(last)))
				answer += (lastEcho.Sub(last) - answer) / 4 // smoothed, because a single late answer means little
			}
			unanswered.Reset(quiet)
			continue
		case <-unanswered.C:
			if time.Since(lastEcho) > s.patience+quiet/2 {
				return false, &unansweredError{scheduler: s.options.Scheduler.String(), answered: lastEcho.Sub(begun)}
			}
			if !warned {
				warned = true
				s.options.Log.Warningf("the scheduler does not answer heartbeats: it hangs, or another manager with the id %q "+
					"is connected, or was within the last 10 s", s.options.Heartbeat.ManagerID)
			}
			unanswered.Reset(quiet)
			continue
		case frame := <-answers:
			if err := connection.Send(frame); err != nil {
				return false, fmt.Errorf("cannot answer the scheduler %s: %w", s.options.Scheduler, err)
			}
			continue
		case <-s.wake:
		case <-next.C:
		case <-s.stable:
			if !held {
				continue
			}
		}
		if wait := s.heartbeatDelay(last); wait > 0 {
			held = true
			next.Reset(wait)
			continue
		}
		held = false
		frame, err := s.options.Codec.Heartbeat(s.heartbeat())
		if err != nil {
			return false, err
		}
		if err := connection.Send(frame); err != nil {
			return false, fmt.Errorf("cannot send a heartbeat to %s: %w", s.options.Scheduler, err)
		}
		last, owed = time.Now(), true
		next.Reset(s.interval(answer))
	}
}

// heartbeatDelay returns how long a heartbeat that is due has to wait, given when the last one was sent.
func (s *Session) heartbeatDelay(last time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unstable {
		return time.Until(last.Add(maxHold))
	}
	return time.Until(last.Add(minGap))
}

// receive handles what the scheduler sends, until the connection ends.
func (s *Session) receive(connection transport.Conn, echoes chan<- struct{}, answers chan<- []byte) error {
	for {
		frame, err := connection.Receive()
		if err != nil {
			return s.options.explain(err)
		}
		received, err := s.options.Codec.Decode(frame)
		var unexpected *message.UnexpectedTagError
		switch {
		case errors.As(err, &unexpected) && unexpected.Published:
			return fmt.Errorf("cannot talk to %s: %w", s.options.Scheduler, transport.MonitorError(s.options.Scheduler))
		case errors.As(err, &unexpected) && len(unexpected.Dialects) > 0:
			return fmt.Errorf("%w: %w", ErrIncompatible, err)
		case errors.As(err, &unexpected):
			s.options.Log.Warningf("ignoring a message of the scheduler: %v", err)
			continue
		case err != nil:
			return fmt.Errorf("the scheduler %s sent an unreadable message: %w", s.options.Scheduler, err)
		}
		switch received := received.(type) {
		case message.Echo:
			signal(echoes)
		case message.Command:
			if want := s.options.Codec.Dialect().Generation(); received.Generation != want {
				return fmt.Errorf("%w: the scheduler sends %s commands, the installed Scaler knows %s ones",
					ErrIncompatible, received.Generation, want)
			}
			s.options.Command(received, func(response message.Response) { s.respond(response, answers) })
		}
	}
}

// respond queues the answer to a command for the connection of that command; if that has ended, the answer is dropped.
// It must not block, because the pool's goroutine calls it.
func (s *Session) respond(response message.Response, answers chan<- []byte) {
	frame, err := s.options.Codec.Response(response)
	if err != nil {
		s.options.Log.Errorf("cannot answer a command: %v", err)
		return
	}
	select {
	case answers <- frame:
	default:
		s.options.Log.Warningf("the scheduler sends commands faster than it reads the answers; dropped an answer")
	}
}
