package session

import (
	"bytes"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

func TestReconnects(t *testing.T) {
	ends := []struct {
		name   string
		end    func(m *manager)
		logged string
	}{
		{"graceful end", func(m *manager) { m.connection.Close() }, "closed the connection"},
		{"abort", func(m *manager) { m.reset() }, "lost the scheduler"},
		{"end inside a message", func(m *manager) { m.write([]byte{9, 0, 0}); m.connection.Close() }, "lost the scheduler"},
		{"garbage in a frame", func(m *manager) { m.send([]byte("garbage!")) }, "unreadable message"},
		{"garbage for a frame", func(m *manager) { m.write(bytes.Repeat([]byte{0xff}, 64)) }, "frame too large"},
		{"empty message", func(m *manager) { m.send(nil) }, "unreadable message"},
	}
	for _, test := range ends {
		t.Run(test.name, func(t *testing.T) {
			s := newScheduler(t)
			r := run(t, options(s.address()))
			m := s.accept()
			m.receive()
			test.end(m)
			line := r.await(test.logged)
			if !strings.HasPrefix(line, "WARNING") || !strings.HasSuffix(line, "trying again") {
				t.Errorf("logged %q", line)
			}
			again := s.accept()
			again.receive()
			again.send(golden(t, "2.9.0", "command_set_one"))
			select {
			case <-r.commands:
			case <-time.After(testPatience):
				t.Fatal("no command over the second connection")
			}
		})
	}
}

func TestIdentityIsKeptOverConnections(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	made := 0
	o.Identity = func() []byte { made++; return []byte{'0' + byte(made)} }
	run(t, o)
	for range 3 {
		m := s.accept()
		if string(m.identity) != "1" {
			t.Errorf("the identity is %q", m.identity)
		}
		m.connection.Close()
	}
}

func TestMessagesForOthersAreIgnored(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	frame := golden(t, "2.9.0", "echo")
	frame[16] = 3 // the tag is the first data of the root struct
	m.send(frame)
	r.await("ignoring a message")
	m.send(golden(t, "2.9.0", "command_set_one"))
	<-r.commands
}

func TestGivesUp(t *testing.T) {
	o := options(address.Address{Scheme: address.IPC, Path: filepath.Join(t.TempDir(), "nobody")})
	o.ReconnectTimeout = 300 * time.Millisecond
	begun := time.Now()
	r := run(t, o)
	err := r.end()
	if !errors.Is(err, ErrUnreachable) || !errors.Is(err, syscall.ENOENT) {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(begun); took < o.ReconnectTimeout {
		t.Errorf("gave up after %s", took)
	}
	if logged := r.count("trying again for up to"); logged != 1 {
		t.Errorf("the same error was logged %d times", logged)
	}
}

func TestCancelEndsAtOnce(t *testing.T) {
	tests := []struct {
		name  string
		reach func(s *scheduler, r *running)
	}{
		{"in a conversation", func(s *scheduler, r *running) { s.accept().receive() }},
		{"in the handshake", func(s *scheduler, r *running) { s.acceptSilently() }},
		{
			"between two attempts",
			func(s *scheduler, r *running) { s.acceptSilently().connection.Close(); r.await("trying again") },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScheduler(t)
			r := run(t, options(s.address()))
			test.reach(s, r)
			begun := time.Now()
			r.cancel()
			if err := r.end(); err != nil {
				t.Errorf("ended with %v", err)
			}
			if took := time.Since(begun); took > time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

// A server that accepts connections but never answers does not count as a scheduler.
func TestGivesUpOnSilentServer(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.Interval, o.ReconnectTimeout = time.Millisecond, 300*time.Millisecond
	r := run(t, o, impatient)
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			connection, err := s.subscription.Accept()
			if err != nil {
				return
			}
			m := &manager{t: t, connection: connection.(*net.TCPConn)}
			s.greet(m)
			io.Copy(io.Discard, connection)
			connection.Close()
		}
	}()
	if err := r.end(); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "does not answer heartbeats") {
		t.Errorf("ended with %v", err)
	}
	s.subscription.Close()
	<-accepting
}
