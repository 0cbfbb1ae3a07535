package protocol

import (
	"errors"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/message"
)

func FuzzDecode(f *testing.F) {
	for _, release := range recordings(f) {
		for _, recorded := range release.Frames {
			f.Add(recorded.frame, uint8(release.dialect))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, number uint8) {
		codec := NewCodec(TagsOf(message.Dialects[int(number)%len(message.Dialects)]))
		decoded, err := codec.Decode(data)
		if err != nil {
			var unexpected *UnexpectedTagError
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) && !errors.As(err, &unexpected) {
				t.Fatalf("an error without a kind: %v", err)
			}
			return
		}
		size := 0
		switch decoded := decoded.(type) {
		case Task:
			size = len(decoded.ID) + len(decoded.Source)
		case TaskResult:
			size = len(decoded.TaskID) + len(decoded.Metadata)
			for _, id := range decoded.Results {
				size += len(id)
			}
			if _, err := codec.TaskResult(decoded); err != nil {
				t.Fatalf("a decoded result cannot be encoded: %v", err)
			}
		case TaskCancel:
			size = len(decoded.TaskID)
		case Echo:
			size = len(decoded.Storage) - len("://:65535") - len("tcp")
		}
		if size > len(data) {
			t.Fatalf("%d bytes of a frame of %d", size, len(data))
		}
	})
}
