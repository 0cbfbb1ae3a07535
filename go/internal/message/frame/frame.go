// Package frame opens and makes the frames of schedulers and their peers: one Cap'n Proto message whose root has a tag
// and a body. It knows no message, and lets no frame take memory beyond a small multiple of its size.
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
	// The stream reader of upstream's library has this limit too.
	maxSegments = 512
)

// ErrMalformed is returned for a frame that is no message, or one that is cut or corrupt.
var ErrMalformed = errors.New("malformed message")

// ErrTooLarge is returned for a frame or message beyond the limits of its package.
var ErrTooLarge = errors.New("message too large")

// Open reads the root of a frame of at most limit bytes and leaves its body for later; depth is how many objects deep
// that may be read. What is read refers to the frame.
//
// Whole words after the message are passed over, as all releases do; a frame that does not end on a word is refused,
// as in 1.26, 1.27 and from 2.6.0 on.
func Open(frame []byte, limit int, depth uint) (wire.Frame, error) {
	if len(frame) > limit {
		return wire.Frame{}, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(frame))
	}
	if len(frame) < word || len(frame)%word != 0 {
		return wire.Frame{}, fmt.Errorf("%w: %d bytes are no whole words", ErrMalformed, len(frame))
	}
	// The library would make room for as many segments as the first bytes announce.
	if last := binary.LittleEndian.Uint32(frame); last >= maxSegments {
		return wire.Frame{}, fmt.Errorf("%w: over %d segments", ErrTooLarge, maxSegments)
	}
	message, err := capnp.Unmarshal(frame)
	if err != nil {
		return wire.Frame{}, Malformed(err)
	}
	// A decoder reads every object once, so that all of them together are no more than the frame, unless pointers share
	// objects, which only a hostile peer does.
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

// Make makes the frame around a body. Objects lie in it in the order in which they are made.
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

// Present keeps an empty value from being left out, as upstream writes it.
func Present(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// Malformed gives an error of the library its kind.
func Malformed(err error) error { return fmt.Errorf("%w: %w", ErrMalformed, err) }
