// Package pieces helps to test implementations of stream.Cut.
package pieces

import (
	"io"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// Split passes sent to a stream.Frames in two pieces, split at the given index, and returns the error at its end.
func Split(sent []byte, at uint, cut stream.Cut, take stream.Take) error {
	at = min(at, uint(len(sent)))
	var frames stream.Frames
	for _, piece := range [][]byte{sent[:at], sent[at:]} {
		if err := frames.Split(piece, cut, take); err != nil {
			return err
		}
	}
	return frames.End(io.EOF)
}
