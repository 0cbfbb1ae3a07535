// Package ymq implements YMQ, Scaler's own message transport: each side sends a magic (since Scaler 2.0) and its
// identity, then messages with a length prefix.
package ymq

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

const (
	// MagicSize is the size in bytes of the magic: MagicPrefix and one byte with the version.
	MagicSize   = 4
	MagicPrefix = "YMQ"

	// HeaderSize is the size of a message's header: its length in bytes, little endian.
	HeaderSize = 8

	// largeFrame is the size in bytes from which a frame is sent without copying it.
	largeFrame = 16 << 10

	// maxIdentity limits an identity, in bytes. Scaler's (host, pid, name, UUID) are far shorter.
	maxIdentity = 4096
)

// Versions of YMQ. They differ only in the magic.
const (
	NoMagic byte = 0 // Scaler 1.26 and 1.27
	First   byte = 1 // 2.0 to 2.6
	Second  byte = 2 // from 2.7
)

// ErrMagic means that a peer that has connected does not speak the expected version of YMQ.
var ErrMagic = errors.New("not the expected YMQ")

// Conn is a connection after the handshake. One goroutine may receive while others send.
type Conn struct {
	stream   *stream.Stream
	maxFrame int
	peer     []byte
	frames   stream.Frames
}

// Open performs the handshake with a server, which sends its magic first. maxFrame is in bytes. The caller closes the
// stream on an error.
func Open(s *stream.Stream, version byte, identity []byte, maxFrame int) (*Conn, error) {
	magic, err := readMagic(s, version)
	if err != nil {
		return nil, err
	}
	if _, err := s.Write(appendMessage(magic, identity)); err != nil {
		return nil, err
	}
	peer, err := readIdentity(s)
	if err != nil {
		return nil, err
	}
	return &Conn{stream: s, maxFrame: maxFrame, peer: peer}, nil
}

// Accept performs the handshake with a client: it sends magic and identity first, then reads the client's.
func Accept(s *stream.Stream, version byte, identity []byte, maxFrame int) (*Conn, error) {
	var magic []byte
	if version != NoMagic {
		magic = append([]byte(MagicPrefix), version)
	}
	if _, err := s.Write(appendMessage(bytes.Clone(magic), identity)); err != nil {
		return nil, err
	}
	said, err := readMagic(s, version)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(said, magic) {
		return nil, fmt.Errorf("%w: it sent %q, want %q", ErrMagic, said, magic)
	}
	peer, err := readIdentity(s)
	if err != nil {
		return nil, err
	}
	return &Conn{stream: s, maxFrame: maxFrame, peer: peer}, nil
}

// ReadPeer reads a server's magic and identity, and sends nothing.
func ReadPeer(s *stream.Stream, version byte) ([]byte, error) {
	if _, err := readMagic(s, version); err != nil {
		return nil, err
	}
	return readIdentity(s)
}

// readMagic reads the peer's magic, which is empty for version NoMagic.
func readMagic(r io.Reader, version byte) ([]byte, error) {
	if version == NoMagic {
		return nil, nil
	}
	magic := make([]byte, MagicSize)
	_, err := io.ReadFull(r, magic)
	return magic, err
}

func readIdentity(r io.Reader) ([]byte, error) {
	peer, err := readMessage(r, maxIdentity)
	if err != nil {
		return nil, fmt.Errorf("peer's identity: %w", err)
	}
	return peer, nil
}

// Peer returns the peer's identity.
func (c *Conn) Peer() []byte { return c.peer }

// Send sends one message, which may be empty.
func (c *Conn) Send(frame []byte) error {
	// One write, so that it is one packet and, over WebSocket, one message.
	if len(frame) < largeFrame {
		_, err := c.stream.Write(appendMessage(make([]byte, 0, HeaderSize+len(frame)), frame))
		return err
	}
	// The same frame may be queued for a thousand processors, so do not copy it.
	return c.stream.WriteParts(binary.LittleEndian.AppendUint64(nil, uint64(len(frame))), frame)
}

// SendSome sends the first n messages, as many as fit into one write, without blocking. finish sends the rest of them:
// see stream.WriteSome.
func (c *Conn) SendSome(frames [][]byte) (n int, finish func() error, err error) {
	if large := frames[0]; len(large) >= largeFrame {
		return 1, func() error { return c.Send(large) }, nil
	}
	n = c.stream.Batch(frames)
	out := make([]byte, 0, HeaderSize+len(frames[0]))
	for _, frame := range frames[:n] {
		out = appendMessage(out, frame)
	}
	finish, err = c.stream.WriteSome(out)
	return n, finish, err
}

// Receive waits for a message. It returns io.EOF if the peer closed the connection between messages,
// io.ErrUnexpectedEOF if within one.
func (c *Conn) Receive() ([]byte, error) { return readMessage(c.stream, c.maxFrame) }

// Socket returns the socket to poll before ReceiveSome: see stream.Socket.
func (c *Conn) Socket(ended func()) syscall.RawConn { return c.stream.Socket(ended) }

// ReceiveSome calls take with the messages that have arrived, without blocking: see stream.Frames. Receive must not be
// called afterwards.
func (c *Conn) ReceiveSome(scratch []byte, take func(frame []byte) bool) error {
	return c.frames.Receive(c.stream, scratch, c.cut, func(_, body []byte) (bool, error) { return take(body), nil })
}

func (c *Conn) cut(begin []byte) (header, body int, err error) {
	if len(begin) < HeaderSize {
		return 0, 0, nil
	}
	length := binary.LittleEndian.Uint64(begin)
	return HeaderSize, int(length), stream.CheckLength(length, c.maxFrame)
}

// Close closes the stream.
func (c *Conn) Close() error { return c.stream.Close() }

func appendMessage(to, payload []byte) []byte {
	to = binary.LittleEndian.AppendUint64(to, uint64(len(payload)))
	return append(to, payload...)
}

func readMessage(r io.Reader, limit int) ([]byte, error) {
	var header [HeaderSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	return stream.ReadBody(r, binary.LittleEndian.Uint64(header[:]), limit)
}
