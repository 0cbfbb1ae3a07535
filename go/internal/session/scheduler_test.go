package session

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// testPatience is what only a failure waits for.
const testPatience = 20 * time.Second

// scheduler is a listener that speaks YMQ as schedulers from 2.7 on do, as far as a manager hears of it.
type scheduler struct {
	t        *testing.T
	listener net.Listener
	name     string // its identity
}

func newScheduler(t *testing.T) *scheduler {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return &scheduler{t, listener, "scheduler"}
}

func (s *scheduler) address() address.Address {
	a, err := address.Parse("tcp://" + s.listener.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// accept waits for a manager and goes through the handshake with it.
func (s *scheduler) accept() *manager {
	s.t.Helper()
	m := s.acceptSilently()
	s.greet(m)
	magic := make([]byte, 4)
	if _, err := io.ReadFull(m.connection, magic); err != nil || string(magic) != "YMQ\x02" {
		s.t.Fatalf("the manager's magic is %q, %v", magic, err)
	}
	m.identity = m.receive()
	return m
}

func (s *scheduler) greet(m *manager) {
	s.t.Helper()
	m.write([]byte("YMQ\x02"))
	m.send([]byte(s.name))
}

func (s *scheduler) acceptSilently() *manager {
	s.t.Helper()
	_ = s.listener.(*net.TCPListener).SetDeadline(time.Now().Add(testPatience))
	connection, err := s.listener.Accept()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { connection.Close() })
	_ = connection.SetDeadline(time.Now().Add(testPatience))
	return &manager{t: s.t, connection: connection.(*net.TCPConn)}
}

// manager is a connected manager as its scheduler sees it.
type manager struct {
	t          *testing.T
	connection *net.TCPConn
	identity   []byte
}

func (m *manager) write(data []byte) {
	m.t.Helper()
	if _, err := m.connection.Write(data); err != nil {
		m.t.Fatal(err)
	}
}

func (m *manager) send(frame []byte) {
	m.t.Helper()
	m.write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(frame))), frame...))
}

func (m *manager) receive() []byte {
	m.t.Helper()
	var header [8]byte
	if _, err := io.ReadFull(m.connection, header[:]); err != nil {
		m.t.Fatal(err)
	}
	frame := make([]byte, binary.LittleEndian.Uint64(header[:]))
	if _, err := io.ReadFull(m.connection, frame); err != nil {
		m.t.Fatal(err)
	}
	return frame
}

// awaitEnd reads until the manager has closed the connection.
func (m *manager) awaitEnd() {
	m.t.Helper()
	if _, err := io.Copy(io.Discard, m.connection); errors.Is(err, os.ErrDeadlineExceeded) {
		m.t.Fatal("the manager keeps the connection")
	}
}

// reset ends the connection as a killed scheduler's kernel does.
func (m *manager) reset() {
	_ = m.connection.SetLinger(0)
	m.connection.Close()
}

// golden is a frame that the release's own classes made.
func golden(t *testing.T, release, name string) []byte {
	t.Helper()
	frame, err := os.ReadFile(filepath.Join("../../../schema/golden", release, name+".bin"))
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// journal is a log whose lines can be waited for.
type journal struct {
	t     *testing.T
	log   *logging.Logger
	lines chan string
}

func newJournal(t *testing.T) *journal {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	log, err := logging.New([]string{fmt.Sprintf("/dev/fd/%d", write.Fd())}, logging.Debug)
	if err != nil {
		t.Fatal(err)
	}
	log.SetStyle(logging.Style{File: "%(levelname)s %(message)s", Levels: logging.Plain.Levels})
	j := &journal{t, log, make(chan string, 1024)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for lines := bufio.NewScanner(read); lines.Scan(); {
			select {
			case j.lines <- lines.Text():
			default:
			}
		}
	}()
	t.Cleanup(func() {
		// The log holds an end of its own.
		read.SetReadDeadline(time.Now())
		<-done
		read.Close()
		write.Close()
	})
	return j
}

// await reads the log up to a line with these words.
func (j *journal) await(words string) string {
	j.t.Helper()
	late := time.After(testPatience)
	for {
		select {
		case line := <-j.lines:
			if strings.Contains(line, words) {
				return line
			}
		case <-late:
			j.t.Fatalf("nothing with %q was logged", words)
		}
	}
}

// count is how many of the lines so far have these words.
func (j *journal) count(words string) (count int) {
	for {
		select {
		case line := <-j.lines:
			if strings.Contains(line, words) {
				count++
			}
		default:
			return count
		}
	}
}
