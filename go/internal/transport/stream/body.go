package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrFrameTooLarge is matched when a peer announces more bytes than allowed.
var ErrFrameTooLarge = errors.New("frame too large")

// firstGrow is taken at once for a body; the rest is taken as the bytes arrive, so that a length costs little. What is
// taken at once costs no more until the bytes are there: the kernel gives pages when they are written to.
const firstGrow = 1 << 20

// CheckLength fails with ErrFrameTooLarge when a frame's header announced more bytes than allowed.
func CheckLength(length uint64, limit int) error {
	if length > uint64(limit) {
		return fmt.Errorf("%w: %d bytes announced, at most %d allowed", ErrFrameTooLarge, length, limit)
	}
	return nil
}

// ReadBody reads the length bytes that a frame's header announced, at most limit. An end of r inside of them is
// io.ErrUnexpectedEOF. A body of no bytes is empty and not nil.
func ReadBody(r io.Reader, length uint64, limit int) ([]byte, error) {
	if err := CheckLength(length, limit); err != nil {
		return nil, err
	}
	if length <= firstGrow {
		body := make([]byte, length)
		if _, err := io.ReadFull(r, body); err != nil {
			return nil, unexpectedEOF(err)
		}
		return body, nil
	}
	var body bytes.Buffer
	body.Grow(firstGrow)
	if _, err := io.CopyN(&body, r, int64(length)); err != nil {
		return nil, unexpectedEOF(err)
	}
	return body.Bytes(), nil
}

func unexpectedEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
