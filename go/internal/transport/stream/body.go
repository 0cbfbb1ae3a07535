package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrFrameTooLarge means that a peer announced more bytes than allowed.
var ErrFrameTooLarge = errors.New("frame too large")

// eagerBody is the size in bytes up to which a body is allocated at once. Larger ones grow as bytes arrive, so that a
// peer cannot make us allocate memory by announcing a length.
const eagerBody = 1 << 20

// CheckLength returns ErrFrameTooLarge if a frame of length bytes exceeds the limit.
func CheckLength(length uint64, limit int) error {
	if length > uint64(limit) {
		return fmt.Errorf("%w: %d bytes announced, at most %d allowed", ErrFrameTooLarge, length, limit)
	}
	return nil
}

// ReadBody reads a body of length bytes, at most limit. If r ends before, it returns io.ErrUnexpectedEOF. An empty
// body is not nil.
func ReadBody(r io.Reader, length uint64, limit int) ([]byte, error) {
	if err := CheckLength(length, limit); err != nil {
		return nil, err
	}
	if length <= eagerBody {
		body := make([]byte, length)
		if _, err := io.ReadFull(r, body); err != nil {
			return nil, unexpectedEOF(err)
		}
		return body, nil
	}
	var body bytes.Buffer
	body.Grow(eagerBody)
	if _, err := io.CopyN(&body, r, int64(length)); err != nil {
		return nil, unexpectedEOF(err)
	}
	return body.Bytes(), nil
}

func unexpectedEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
