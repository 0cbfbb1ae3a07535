package agents

import "bytes"

// sharedSize is the size in bytes from which frames are shared.
const sharedSize = 4 << 10

// shared deduplicates large frames that the scheduler sends to all workers in a row, such as the instruction to delete
// all objects of a client.
type shared struct{ last []byte }

// dedup returns the frame, or an equal one that was received before.
func (s *shared) dedup(frame []byte) []byte {
	if len(frame) < sharedSize {
		return frame
	}
	if !bytes.Equal(s.last, frame) {
		s.last = frame
	}
	return s.last
}

// forget drops the last frame so that it can be freed.
func (s *shared) forget() { s.last = nil }
