package message

import (
	"errors"
	"testing"
)

func FuzzDecode(f *testing.F) {
	for _, release := range recordings(f) {
		for _, frame := range release.Frames {
			f.Add(frame.frame, uint8(release.dialect))
		}
	}
	f.Add(sharing(50, 50), uint8(Declarative2))
	f.Add(emptyElements(20, 3), uint8(Declarative2))
	f.Fuzz(func(t *testing.T, frame []byte, number uint8) {
		dialect := Dialects[int(number)%len(Dialects)]
		codec := NewCodec(dialect.Tags(), dialect)
		codec.Publication(frame)
		message, err := codec.Decode(frame)
		var unexpected *UnexpectedTagError
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) && !errors.As(err, &unexpected) {
				t.Fatalf("an unknown error: %v", err)
			}
			return
		}
		command, ok := message.(Command)
		if !ok {
			return
		}
		// The result must not be larger than the frame.
		entries, size := len(command.WorkerIDs)+len(command.Capabilities)+len(command.Requests), 0
		for _, id := range command.WorkerIDs {
			size += len(id)
		}
		lists := [][]Capability{command.Capabilities}
		for _, request := range command.Requests {
			entries += len(request.Capabilities)
			lists = append(lists, request.Capabilities)
		}
		for _, list := range lists {
			for _, capability := range list {
				size += len(capability.Name)
			}
		}
		if entries > len(frame)/8 || size > len(frame) {
			t.Fatalf("%d entries and %d bytes of a frame of %d", entries, size, len(frame))
		}
		if Desired(command.Requests, command.Capabilities) < 0 {
			t.Fatal("a negative number of workers")
		}
	})
}
