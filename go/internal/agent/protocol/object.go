package protocol

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/binary"
	"math"
	"time"
)

// ObjectID names an object in the object storage: whose it is, by a hash, and a random part.
type ObjectID [32]byte

// NewObjectID makes an id for a new object of a client (source).
func NewObjectID(source string) ObjectID {
	var id ObjectID
	owner := md5.Sum([]byte(source))
	copy(id[:], owner[:])
	random := id[len(owner):]
	_, _ = rand.Read(random) // never fails
	// The two marks of a UUID of version 4, which upstream's are.
	random[6] = random[6]&0x0f | 0x40
	random[8] = random[8]&0x3f | 0x80
	return id
}

// Profile is what a task used.
type Profile struct {
	Duration, CPU time.Duration
	PeakMemory    uint64 // bytes over those at the start
}

// Metadata is the profile as a TaskResult carries it: seconds as float32, bytes, CPU seconds as float32, big endian
// and without gaps.
func (p Profile) Metadata() []byte {
	seconds := func(d time.Duration) uint32 { return math.Float32bits(float32(d.Seconds())) }
	metadata := make([]byte, 0, 16)
	metadata = binary.BigEndian.AppendUint32(metadata, seconds(p.Duration))
	metadata = binary.BigEndian.AppendUint64(metadata, p.PeakMemory)
	return binary.BigEndian.AppendUint32(metadata, seconds(p.CPU))
}
