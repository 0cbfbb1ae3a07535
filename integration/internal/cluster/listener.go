package cluster

import (
	"encoding/binary"
	"io"
	"math/rand"
	"net"
	"sync"
	"testing"
	"time"
)

// A RubbishListener listens where a scheduler should, and mistreats every connection in the same way.
type RubbishListener struct {
	listener net.Listener
	mu       sync.Mutex
	count    int        // guarded by mu; connections so far
	open     []net.Conn // guarded by mu
}

// listen starts a listener on a port of the kernel's choice and stops it at the test's end.
func listen(t *testing.T, treat func(connection net.Conn)) *RubbishListener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &RubbishListener{listener: listener}
	var group sync.WaitGroup
	group.Add(1)
	go func() {
		defer group.Done()
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			l.mu.Lock()
			l.count++
			l.open = append(l.open, connection)
			l.mu.Unlock()
			group.Add(1)
			go func() {
				defer group.Done()
				defer connection.Close()
				treat(connection)
			}()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		l.mu.Lock()
		for _, connection := range l.open {
			connection.Close()
		}
		l.mu.Unlock()
		group.Wait()
	})
	return l
}

// Address is where it listens, as options take it.
func (l *RubbishListener) Address() string { return "tcp://" + l.listener.Addr().String() }

// Connections counts the connections so far.
func (l *RubbishListener) Connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// Swallow reads until the peer is gone.
func Swallow(connection net.Conn) { _, _ = io.Copy(io.Discard, connection) }

// ListenSilent reads and never answers.
func ListenSilent(t *testing.T) *RubbishListener { return listen(t, Swallow) }

// ListenClosing closes each connection at once.
func ListenClosing(t *testing.T) *RubbishListener { return listen(t, func(net.Conn) {}) }

// ListenHTTP answers the first bytes as a web server answers what it cannot parse.
func ListenHTTP(t *testing.T) *RubbishListener {
	return listen(t, func(connection net.Conn) {
		// A peer that waits for the server to speak first is answered like a request that is too slow.
		_ = connection.SetReadDeadline(time.Now().Add(time.Second))
		_, _ = connection.Read(make([]byte, 1))
		_, _ = io.WriteString(connection, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	})
}

// YmqMagic begins each connection of releases 2.7 to 2.9.
const YmqMagic = "YMQ\x02"

// Frame is a message as YMQ sends it: its length in 8 bytes, little endian, and itself.
func Frame(message []byte) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(message))), message...)
}

// ListenYMQ sends magic and identity as a scheduler does, then what the function sends.
func ListenYMQ(t *testing.T, then func(connection net.Conn)) *RubbishListener {
	return listen(t, func(connection net.Conn) {
		if _, err := connection.Write(append([]byte(YmqMagic), Frame([]byte("scheduler"))...)); err != nil {
			return
		}
		then(connection)
	})
}

// noise returns random bytes that are the same in every run.
func noise(size int) []byte {
	bytes := make([]byte, size)
	random := rand.New(rand.NewSource(1))
	for i := range bytes {
		bytes[i] = byte(random.Intn(256))
	}
	return bytes
}

// ListenNoise sends noise after the identity.
func ListenNoise(t *testing.T) *RubbishListener {
	return ListenYMQ(t, func(connection net.Conn) {
		_, _ = connection.Write(noise(4096))
		Swallow(connection)
	})
}

// ListenNoisyFrames sends well-formed frames of noise, for as long as the peer takes them.
func ListenNoisyFrames(t *testing.T) *RubbishListener {
	return ListenYMQ(t, func(connection net.Conn) {
		for size := 1; size < 200; size++ {
			if _, err := connection.Write(Frame(noise(size))); err != nil {
				return
			}
		}
		Swallow(connection)
	})
}

// ListenOversized announces a frame of 4 EiB and begins it.
func ListenOversized(t *testing.T) *RubbishListener {
	return ListenYMQ(t, func(connection net.Conn) {
		_, _ = connection.Write(binary.LittleEndian.AppendUint64(nil, 1<<62))
		_, _ = connection.Write(noise(4096))
		Swallow(connection)
	})
}

// ListenEndless announces an identity and never ends it.
func ListenEndless(t *testing.T) *RubbishListener {
	return listen(t, func(connection net.Conn) {
		_, _ = connection.Write(append([]byte(YmqMagic), binary.LittleEndian.AppendUint64(nil, 100)...))
		Swallow(connection)
	})
}
