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

// testPatience is only waited for in a failing test.
const testPatience = 20 * time.Second

// scheduler is a fake that speaks YMQ to managers as schedulers do since 2.7.
type scheduler struct {
	t            *testing.T
	subscription net.Listener
	name         string // its identity
}

func newScheduler(t *testing.T) *scheduler {
	t.Helper()
	subscription, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { subscription.Close() })
	return &scheduler{t, subscription, "scheduler"}
}

func (s *scheduler) address() address.Address {
	a, err := address.Parse("tcp://" + s.subscription.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// accept accepts a manager, with the handshake.
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
	_ = s.subscription.(*net.TCPListener).SetDeadline(time.Now().Add(testPatience))
	connection, err := s.subscription.Accept()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { connection.Close() })
	_ = connection.SetDeadline(time.Now().Add(testPatience))
	return &manager{t: s.t, connection: connection.(*net.TCPConn)}
}

// manager is the scheduler's end of a manager's connection.
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

// reset resets the connection, as the kernel does when a scheduler is killed.
func (m *manager) reset() {
	_ = m.connection.SetLinger(0)
	m.connection.Close()
}

// golden returns a frame encoded by the release's own classes.
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
		// The log has a copy of the file descriptor.
		read.SetReadDeadline(time.Now())
		<-done
		read.Close()
		write.Close()
	})
	return j
}

// await reads the log up to a line that contains words.
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

// count returns how many lines so far contain words.
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
