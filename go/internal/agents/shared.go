package agents

import "bytes"

// sharedSize is from how many bytes on a frame is worth to be looked at.
const sharedSize = 4 << 10

// shared keeps large frames of the scheduler once that it sends to all workers, one after the other: that all objects of a
// client are to be dropped, for one.
type shared struct{ last []byte }

// one is the frame, or the one of the same bytes that came before.
func (s *shared) one(frame []byte) []byte {
	if len(frame) < sharedSize {
		return frame
	}
	if !bytes.Equal(s.last, frame) {
		s.last = frame
	}
	return s.last
}

// forget lets go of what nobody may need any more.
func (s *shared) forget() { s.last = nil }
