// Package pieces is for tests of those who cut what comes into frames.
package pieces

import (
	"io"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// Split gives what was sent in two pieces to a stream.Frames, and then the end of it. The error is what it ends with.
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
