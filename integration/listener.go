package integration

import (
	"encoding/binary"
	"io"
	"math/rand"
	"net"
	"sync"
	"testing"
	"time"
)

// A rubbishListener stands where a scheduler should, and treats every connection in the same wrong way.
type rubbishListener struct {
	listener net.Listener
	mu       sync.Mutex
	count    int        // guarded by mu; connections so far
	open     []net.Conn // guarded by mu
}

// listen starts a listener on a port of the kernel's choice and stops it at the test's end.
func listen(t *testing.T, treat func(connection net.Conn)) *rubbishListener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &rubbishListener{listener: listener}
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

func (l *rubbishListener) address() string { return "tcp://" + l.listener.Addr().String() }

func (l *rubbishListener) connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// swallow reads until the peer is gone.
func swallow(connection net.Conn) { _, _ = io.Copy(io.Discard, connection) }

func listenSilent(t *testing.T) *rubbishListener { return listen(t, swallow) }

func listenClosing(t *testing.T) *rubbishListener { return listen(t, func(net.Conn) {}) }

// listenHTTP answers the first bytes, whatever they are, as web servers answer what they cannot parse.
func listenHTTP(t *testing.T) *rubbishListener {
	return listen(t, func(connection net.Conn) {
		// A peer that waits for the server to speak first sees what a server does with a slow request.
		_ = connection.SetReadDeadline(time.Now().Add(time.Second))
		_, _ = connection.Read(make([]byte, 1))
		_, _ = io.WriteString(connection, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	})
}

// ymqMagic opens a connection of releases 2.7 to 2.9.
const ymqMagic = "YMQ\x02"

// frame is a message as YMQ sends it: its length in 8 bytes, little endian, and itself.
func frame(message []byte) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(message))), message...)
}

// listenYMQ does what a scheduler does, magic and identity, and sends then what it is told.
func listenYMQ(t *testing.T, then func(connection net.Conn)) *rubbishListener {
	return listen(t, func(connection net.Conn) {
		if _, err := connection.Write(append([]byte(ymqMagic), frame([]byte("scheduler"))...)); err != nil {
			return
		}
		then(connection)
	})
}

// noise is the same in every run.
func noise(size int) []byte {
	bytes := make([]byte, size)
	random := rand.New(rand.NewSource(1))
	for i := range bytes {
		bytes[i] = byte(random.Intn(256))
	}
	return bytes
}

func listenNoise(t *testing.T) *rubbishListener {
	return listenYMQ(t, func(connection net.Conn) {
		_, _ = connection.Write(noise(4096))
		swallow(connection)
	})
}

// listenNoisyFrames sends well-formed frames of noise, for as long as the peer takes them.
func listenNoisyFrames(t *testing.T) *rubbishListener {
	return listenYMQ(t, func(connection net.Conn) {
		for size := 1; size < 200; size++ {
			if _, err := connection.Write(frame(noise(size))); err != nil {
				return
			}
		}
		swallow(connection)
	})
}

// listenOversized announces a frame of 4 EiB and begins it.
func listenOversized(t *testing.T) *rubbishListener {
	return listenYMQ(t, func(connection net.Conn) {
		_, _ = connection.Write(binary.LittleEndian.AppendUint64(nil, 1<<62))
		_, _ = connection.Write(noise(4096))
		swallow(connection)
	})
}

// listenEndless announces an identity and never ends it.
func listenEndless(t *testing.T) *rubbishListener {
	return listen(t, func(connection net.Conn) {
		_, _ = connection.Write(append([]byte(ymqMagic), binary.LittleEndian.AppendUint64(nil, 100)...))
		swallow(connection)
	})
}
