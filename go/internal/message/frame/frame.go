// Package frame encodes and decodes the envelope of all messages: a Cap'n Proto message whose root has a tag and a
// body. Decoding a frame uses at most a small multiple of its size in memory.
package frame

import (
	"encoding/binary"
	"errors"
	"fmt"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

const (
	word = 8
	// The stream reader of upstream's library has the same limit.
	maxSegments = 512
)

// ErrMalformed means that a frame is not a message, or is truncated or corrupt.
var ErrMalformed = errors.New("malformed message")

// ErrTooLarge means that a frame or message exceeds a limit.
var ErrTooLarge = errors.New("message too large")

// Open returns the root of a frame of at most limit bytes, whose body can be read up to depth nested objects. The
// result refers to the frame.
//
// Whole words after the message are ignored, as in all releases. A frame whose size is not a multiple of a word is an
// error, as in 1.26, 1.27 and since 2.6.0.
func Open(frame []byte, limit int, depth uint) (wire.Frame, error) {
	if len(frame) > limit {
		return wire.Frame{}, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(frame))
	}
	if len(frame) < word || len(frame)%word != 0 {
		return wire.Frame{}, fmt.Errorf("%w: %d bytes are not a whole number of words", ErrMalformed, len(frame))
	}
	// The library would allocate as many segments as the first bytes announce.
	if last := binary.LittleEndian.Uint32(frame); last >= maxSegments {
		return wire.Frame{}, fmt.Errorf("%w: more than %d segments", ErrTooLarge, maxSegments)
	}
	message, err := capnp.Unmarshal(frame)
	if err != nil {
		return wire.Frame{}, Malformed(err)
	}
	// A decoder reads every object once, so that together they are no larger than the frame, unless pointers share
	// objects, which no release does.
	message.TraverseLimit = uint64(len(frame))
	message.DepthLimit = depth
	pointer, err := message.Root()
	if err != nil {
		return wire.Frame{}, Malformed(err)
	}
	if !pointer.Struct().IsValid() {
		return wire.Frame{}, fmt.Errorf("%w: no root struct", ErrMalformed)
	}
	return wire.Frame(pointer.Struct()), nil
}

// Make encodes a frame of at most limit bytes. Objects are laid out in the order in which body allocates them.
func Make(tag uint16, limit int, body func(*capnp.Segment) (capnp.Ptr, error)) ([]byte, error) {
	message, segment, err := capnp.NewMessage(capnp.SingleSegment(nil))
	if err != nil {
		return nil, err
	}
	defer message.Release()
	root, err := wire.NewRootFrame(segment)
	if err != nil {
		return nil, err
	}
	root.SetTag(tag)
	content, err := body(segment)
	if err != nil {
		return nil, err
	}
	if err := root.SetBody(content); err != nil {
		return nil, err
	}
	size, err := message.TotalSize()
	if err != nil {
		return nil, err
	}
	if size > uint64(limit) {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	return message.Marshal()
}

// Present makes a nil value empty: the library would omit nil, upstream writes an empty value.
func Present(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// Malformed wraps an error of the library in ErrMalformed.
func Malformed(err error) error { return fmt.Errorf("%w: %w", ErrMalformed, err) }
