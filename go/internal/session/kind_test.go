package session

import (
	"errors"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

func TestIncompatible(t *testing.T) {
	otherTags := message.Declarative2.Tags()
	otherTags.Command = message.Imperative.Tags().Command
	tests := []struct {
		name   string
		codec  message.Codec
		frame  []byte
		logged string
	}{
		{"tag of an older dialect", newest, golden(t, "2.6.0", "echo"), "2.3.5 to 2.6.0"},
		{"tag of a newer dialect", oldest, golden(t, "2.9.0", "echo"), "2.7.0 or newer"},
		{
			"commands of another generation", message.NewCodec(otherTags, message.Declarative2),
			golden(t, "1.26.6", "command_start"),
			"sends imperative commands, the installed Scaler knows declarative",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScheduler(t)
			o := options(s.address())
			o.Codec = test.codec
			r := run(t, o)
			m := s.accept()
			m.send(test.frame)
			if err := r.end(); !errors.Is(err, ErrIncompatible) || !strings.Contains(err.Error(), test.logged) {
				t.Errorf("ended with %v", err)
			}
			m.awaitEnd()
		})
	}
}

func TestCheckDecides(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	answers := make(chan error, 2)
	answers <- errors.New("not now")
	answers <- ErrIncompatible
	o.Check = func(spoken transport.Protocol) error {
		if want := (transport.Protocol{Kind: transport.YMQ, Version: 2}); spoken != want {
			t.Errorf("asked about %s", spoken)
		}
		return <-answers
	}
	r := run(t, o)
	s.accept().awaitEnd()
	r.await("not now; trying again")
	s.accept().awaitEnd()
	if err := r.end(); !errors.Is(err, ErrIncompatible) {
		t.Errorf("ended with %v", err)
	}
}

// published is a message that schedulers from 2.7.0 on send to monitors: a StateScheduler.
func published(t *testing.T) []byte {
	t.Helper()
	frame := golden(t, "2.9.0", "echo")
	frame[16] = 14 // the tag is the first data of the root struct
	return frame
}

// Over YMQ a monitor port has the scheduler's identity: only its messages show what it is (2.3.3 to 2.9.0).
func TestMonitorPortEndsTheSession(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	m.send(published(t))
	var wrong *transport.WrongServerError
	if err := r.end(); !errors.As(err, &wrong) || wrong.SchedulerPort != s.address().Port-2 {
		t.Errorf("ended with %v", err)
	}
	m.awaitEnd()
}
