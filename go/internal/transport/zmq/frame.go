package zmq

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// Bits of a ZMTP frame's first byte. A long frame's length has 8 bytes, big endian; any other's 1.
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

// maxCommand bounds a command, in bytes: PING has 23, READY an identity of 255 and a few names.
const maxCommand = 4096

// ErrMalformed is matched when the peer breaks ZMTP's rules.
var ErrMalformed = errors.New("not valid ZMTP")

// ErrPublisher is matched when the peer's socket is a PUB and not a ROUTER.
var ErrPublisher = errors.New("the peer's socket publishes")

type frame struct {
	command bool
	more    bool // the message goes on in the next frame
	body    []byte
}

// readFrame reads one frame; maxFrame bounds a message frame, maxCommand a command. io.EOF means no frame came.
func readFrame(r io.Reader, maxFrame int) (frame, error) {
	var header [9]byte
	if _, err := io.ReadFull(r, header[:1]); err != nil {
		return frame{}, err
	}
	flags, size, err := headerOf(header[:])
	if err != nil {
		return frame{}, err
	}
	if _, err := io.ReadFull(r, header[1:size]); err == io.EOF {
		return frame{}, io.ErrUnexpectedEOF
	} else if err != nil {
		return frame{}, err
	}
	f := frame{command: flags&flagCommand != 0, more: flags&flagMore != 0}
	f.body, err = stream.ReadBody(r, lengthIn(header[:size]), limit(flags, maxFrame))
	return f, err
}

// cutFrame is readFrame for what has arrived: see stream.Cut.
func cutFrame(begin []byte, maxFrame int) (header, body int, err error) {
	if len(begin) == 0 {
		return 0, 0, nil
	}
	flags, size, err := headerOf(begin)
	if err != nil || len(begin) < size {
		return 0, 0, err
	}
	length := lengthIn(begin[:size])
	return size, int(length), stream.CheckLength(length, limit(flags, maxFrame))
}

// headerOf returns the flags with which a header begins, and how long it is.
func headerOf(begin []byte) (flags byte, size int, err error) {
	flags, size = begin[0], 2
	if flags&^(flagMore|flagLong|flagCommand) != 0 || flags&flagCommand != 0 && flags&flagMore != 0 {
		return 0, 0, fmt.Errorf("%w: frame flags %#02x", ErrMalformed, flags)
	}
	if flags&flagLong != 0 {
		size = 9
	}
	return flags, size, nil
}

// lengthIn is the body's, of a whole header.
func lengthIn(header []byte) uint64 {
	if len(header) > 2 {
		return binary.BigEndian.Uint64(header[1:])
	}
	return uint64(header[1])
}

func limit(flags byte, maxFrame int) int {
	if flags&flagCommand != 0 {
		return maxCommand
	}
	return maxFrame
}

// splitCommand cuts a command frame's body into its name and the rest.
func splitCommand(body []byte) (name string, rest []byte, err error) {
	if len(body) == 0 || int(body[0]) == 0 || int(body[0]) > len(body)-1 {
		return "", nil, fmt.Errorf("%w: command without a name", ErrMalformed)
	}
	end := 1 + int(body[0])
	return string(body[1:end]), body[end:], nil
}

// pongContext takes from a PING's body what the PONG must carry back: all behind the 2 bytes of time to live.
func pongContext(body []byte) ([]byte, error) {
	if len(body) < 2 {
		return nil, fmt.Errorf("%w: PING of %d bytes", ErrMalformed, len(body))
	}
	return body[2:], nil
}

// property looks a property up in READY's metadata: each a name behind 1 byte of length and a value behind 4. Names
// are compared without case, as ZMTP wants.
func property(metadata []byte, wanted string) (string, error) {
	found := ""
	for len(metadata) > 0 {
		name, rest, ok := cutSized(metadata[1:], uint64(metadata[0]))
		if !ok || len(rest) < 4 {
			return "", fmt.Errorf("%w: metadata ends inside a property", ErrMalformed)
		}
		value, rest, ok := cutSized(rest[4:], uint64(binary.BigEndian.Uint32(rest)))
		if !ok {
			return "", fmt.Errorf("%w: metadata ends inside a property", ErrMalformed)
		}
		if strings.EqualFold(string(name), wanted) {
			found = string(value)
		}
		metadata = rest
	}
	return found, nil
}

func cutSized(b []byte, size uint64) (head, tail []byte, ok bool) {
	if size > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:size], b[size:], true
}
