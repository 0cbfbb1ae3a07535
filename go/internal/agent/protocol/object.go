package protocol

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/binary"
	"math"
	"time"
)

// ObjectID identifies an object in the object storage: a hash of its owner, then a random part.
type ObjectID [32]byte

// NewObjectID returns an id for a new object of a client (source).
func NewObjectID(source string) ObjectID {
	var id ObjectID
	owner := md5.Sum([]byte(source))
	copy(id[:], owner[:])
	random := id[len(owner):]
	_, _ = rand.Read(random) // never fails
	// The version and variant bits of a UUID version 4, as upstream uses.
	random[6] = random[6]&0x0f | 0x40
	random[8] = random[8]&0x3f | 0x80
	return id
}

// Profile is the resource usage of a task.
type Profile struct {
	Duration, CPU time.Duration
	PeakMemory    uint64 // in bytes above the usage at the start
}

// Metadata encodes a profile for TaskResult: seconds as float32, bytes as uint64, CPU seconds as float32, big-endian
// and packed (1.26.0 to 2.9.0).
func (p Profile) Metadata() []byte {
	seconds := func(d time.Duration) uint32 { return math.Float32bits(float32(d.Seconds())) }
	metadata := make([]byte, 0, 16)
	metadata = binary.BigEndian.AppendUint32(metadata, seconds(p.Duration))
	metadata = binary.BigEndian.AppendUint64(metadata, p.PeakMemory)
	return binary.BigEndian.AppendUint32(metadata, seconds(p.CPU))
}
