// Package ymq speaks Scaler's own message transport over a byte stream: each side sends a magic (from Scaler 2.0 on) and
// its identity, then messages, each behind its length.
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
	// MagicSize is the length of what each side sends first: MagicPrefix and the version.
	MagicSize   = 4
	MagicPrefix = "YMQ"

	// HeaderSize is the length of what stands before a message: its length, little endian.
	HeaderSize = 8

	// largeFrame is from how many bytes on a frame is not copied to be sent.
	largeFrame = 16 << 10

	// maxIdentity is far above what Scaler uses (a host, a pid, a name and a UUID).
	maxIdentity = 4096
)

// Versions of YMQ. They differ in their first bytes only.
const (
	NoMagic byte = 0 // Scaler 1.26 and 1.27
	First   byte = 1 // 2.0 to 2.6
	Second  byte = 2 // from 2.7
)

// ErrMagic is matched when a peer that has connected does not speak the version of YMQ that it is taken for.
var ErrMagic = errors.New("not the expected YMQ")

// Conn carries messages. One goroutine may receive while others send.
type Conn struct {
	stream   *stream.Stream
	maxFrame int
	peer     []byte
	frames   stream.Frames
}

// Open reads the peer's magic, answers with the same one, and exchanges identities. The peer must have sent its magic
// unasked, which schedulers do. maxFrame is in bytes. The caller closes the stream on an error.
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

// Accept is Open for the side that is connected to: it sends its magic and identity unasked and then reads the peer's.
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
		return nil, fmt.Errorf("%w: it begins with %q and not with %q", ErrMagic, said, magic)
	}
	peer, err := readIdentity(s)
	if err != nil {
		return nil, err
	}
	return &Conn{stream: s, maxFrame: maxFrame, peer: peer}, nil
}

// ReadPeer reads the peer's magic and identity, which it sends unasked, and sends nothing.
func ReadPeer(s *stream.Stream, version byte) ([]byte, error) {
	if _, err := readMagic(s, version); err != nil {
		return nil, err
	}
	return readIdentity(s)
}

// readMagic returns the peer's magic, which is empty where YMQ has none.
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

// Peer is the identity that the other side sent.
func (c *Conn) Peer() []byte { return c.peer }

// Send sends one message, which may be empty.
func (c *Conn) Send(frame []byte) error {
	// In one write, so that it leaves in one packet and, over WebSocket, in one message.
	if len(frame) < largeFrame {
		_, err := c.stream.Write(appendMessage(make([]byte, 0, HeaderSize+len(frame)), frame))
		return err
	}
	// A thousand processors may be sent the same frame, and not read it at once.
	return c.stream.WriteParts(binary.LittleEndian.AppendUint64(nil, uint64(len(frame))), frame)
}

// SendSome begins to send the first n of these messages, as many as go in one write, and does not wait. finish sends what
// is left of them: see stream.WriteSome.
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

// Receive waits for a message. io.EOF is the peer's graceful end; an end inside a message is io.ErrUnexpectedEOF.
func (c *Conn) Receive() ([]byte, error) { return readMessage(c.stream, c.maxFrame) }

// Socket is what tells that there is something for ReceiveSome: see stream.Socket.
func (c *Conn) Socket(ended func()) syscall.RawConn { return c.stream.Socket(ended) }

// ReceiveSome gives the messages that have arrived to take, and does not wait: see stream.Frames. Receive must not be used
// any more.
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

// Close ends the stream.
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
