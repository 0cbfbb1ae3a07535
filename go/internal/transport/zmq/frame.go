package zmq

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// Flags in a ZMTP frame's first byte. The length follows: 8 bytes, big endian, with flagLong, else 1 byte.
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

// maxCommand limits a command, in bytes. A PING has 23, a READY has an identity of at most 255 and some metadata.
const maxCommand = 4096

// ErrMalformed means that the peer violates ZMTP.
var ErrMalformed = errors.New("not valid ZMTP")

// ErrPublisher means that the peer is a PUB instead of a ROUTER.
var ErrPublisher = errors.New("the peer is a publisher")

type frame struct {
	command bool
	more    bool // another frame of the message follows
	body    []byte
}

// readFrame reads one frame. maxFrame limits a message, maxCommand a command. It returns io.EOF if r ends before a
// frame.
func readFrame(r io.Reader, maxFrame int) (frame, error) {
	var header [9]byte
	if _, err := io.ReadFull(r, header[:1]); err != nil {
		return frame{}, err
	}
	flags, size, err := parseHeader(header[:])
	if err != nil {
		return frame{}, err
	}
	if _, err := io.ReadFull(r, header[1:size]); err == io.EOF {
		return frame{}, io.ErrUnexpectedEOF
	} else if err != nil {
		return frame{}, err
	}
	f := frame{command: flags&flagCommand != 0, more: flags&flagMore != 0}
	f.body, err = stream.ReadBody(r, bodyLength(header[:size]), limit(flags, maxFrame))
	return f, err
}

// cutFrame parses the header of a frame: see stream.Cut.
func cutFrame(begin []byte, maxFrame int) (header, body int, err error) {
	if len(begin) == 0 {
		return 0, 0, nil
	}
	flags, size, err := parseHeader(begin)
	if err != nil || len(begin) < size {
		return 0, 0, err
	}
	length := bodyLength(begin[:size])
	return size, int(length), stream.CheckLength(length, limit(flags, maxFrame))
}

// parseHeader returns the flags of a header, and its size in bytes.
func parseHeader(begin []byte) (flags byte, size int, err error) {
	flags, size = begin[0], 2
	if flags&^(flagMore|flagLong|flagCommand) != 0 || flags&flagCommand != 0 && flags&flagMore != 0 {
		return 0, 0, fmt.Errorf("%w: frame flags %#02x", ErrMalformed, flags)
	}
	if flags&flagLong != 0 {
		size = 9
	}
	return flags, size, nil
}

// bodyLength returns the length of the body in a complete header.
func bodyLength(header []byte) uint64 {
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

// splitCommand splits the body of a command into its name and the rest.
func splitCommand(body []byte) (name string, rest []byte, err error) {
	if len(body) == 0 || int(body[0]) == 0 || int(body[0]) > len(body)-1 {
		return "", nil, fmt.Errorf("%w: a command without a name", ErrMalformed)
	}
	end := 1 + int(body[0])
	return string(body[1:end]), body[end:], nil
}

// pongContext returns the context of a PING, which the PONG must repeat: all after the 2 bytes of TTL.
func pongContext(body []byte) ([]byte, error) {
	if len(body) < 2 {
		return nil, fmt.Errorf("%w: a PING of %d bytes", ErrMalformed, len(body))
	}
	return body[2:], nil
}

// property returns a property in the metadata of a READY. Each is a name with 1 byte of length and a value with 4. ZMTP
// compares names case-insensitively.
func property(metadata []byte, wanted string) (string, error) {
	found := ""
	for len(metadata) > 0 {
		name, rest, ok := cutSized(metadata[1:], uint64(metadata[0]))
		if !ok || len(rest) < 4 {
			return "", fmt.Errorf("%w: truncated metadata", ErrMalformed)
		}
		value, rest, ok := cutSized(rest[4:], uint64(binary.BigEndian.Uint32(rest)))
		if !ok {
			return "", fmt.Errorf("%w: truncated metadata", ErrMalformed)
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
