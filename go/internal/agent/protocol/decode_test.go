package protocol

import (
	"encoding/binary"
	"errors"
	"runtime"
	"testing"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/message/frame"
	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

var (
	tags   = TagsOf(message.Declarative2)
	newest = NewCodec(tags)
)

// taskFrame returns a frame of a task with this metadata.
func taskFrame(t testing.TB, metadata []byte) []byte {
	t.Helper()
	encoded, err := frame.Make(tags.Task, MaxFrame, func(segment *capnp.Segment) (capnp.Ptr, error) {
		body, err := wire.NewTask(segment)
		if err != nil {
			return capnp.Ptr{}, err
		}
		return body.ToPtr(), errors.Join(body.SetTaskID([]byte("t")), body.SetSource([]byte("s")), body.SetMetadata(metadata))
	})
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestDecodeOddMetadata(t *testing.T) {
	for _, size := range []int{1, 5, 7, 100} {
		if got, err := newest.Decode(taskFrame(t, make([]byte, size))); !errors.Is(err, ErrMalformed) {
			t.Errorf("%d bytes: got %+v, %v", size, got, err)
		}
	}
}

func TestDecodeRubbish(t *testing.T) {
	whole := taskFrame(t, nil)
	for name, data := range map[string][]byte{
		"nothing":      nil,
		"text":         []byte("GET / HTTP/1.1\r\n"),
		"half a word":  whole[:len(whole)-4],
		"cut":          whole[:len(whole)-8],
		"only a root":  whole[:16],
		"empty struct": {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		if got, err := newest.Decode(data); !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	if _, err := newest.Decode(make([]byte, MaxFrame+8)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large frame: %v", err)
	}
}

func TestDecodeUnexpected(t *testing.T) {
	for _, tag := range []uint16{5, tags.Heartbeat, tags.TaskCancelConfirm, 12, 22, 999, message.NoTag} {
		encoded, err := frame.Make(tag, MaxFrame, func(*capnp.Segment) (capnp.Ptr, error) { return capnp.Ptr{}, nil })
		if err != nil {
			t.Fatal(err)
		}
		var unexpected *UnexpectedTagError
		if got, err := newest.Decode(encoded); !errors.As(err, &unexpected) || unexpected.Tag != tag {
			t.Errorf("tag %d: got %+v, %v", tag, got, err)
		}
	}
}

// bodyFrame returns a frame with this tag, whose body has one data word and pointers to these words.
func bodyFrame(tag uint16, pointers uint64, words ...uint64) []byte {
	all := append([]uint64{uint64(3+1+len(words)) << 32, 1<<32 | 1<<48, uint64(tag), 1<<32 | pointers<<48, 0}, words...)
	var encoded []byte
	for _, word := range all {
		encoded = binary.LittleEndian.AppendUint64(encoded, word)
	}
	return encoded
}

func list(offset int, elements, length uint64) uint64 {
	return uint64(uint32(offset)<<2|1) | elements<<32 | length<<35
}

func TestDecodeWrongKinds(t *testing.T) {
	const structure, bytes, pointers, composite = 1 << 32, 2, 6, 7
	for name, data := range map[string][]byte{
		"an id is a struct":          bodyFrame(tags.Task, 3, structure|2<<2, 0, 0, 1),
		"flags are bytes":            bodyFrame(tags.TaskCancel, 2, 0, list(0, bytes, 8), 1),
		"results are a struct":       bodyFrame(tags.TaskResult, 3, 0, 0, structure, 1),
		"a result is a struct":       bodyFrame(tags.TaskResult, 3, 0, 0, list(0, pointers, 1), structure, 1),
		"results without a size":     bodyFrame(tags.TaskResult, 3, 0, 0, list(0, composite, 0), uint64(1<<28)<<2),
		"results of negative length": bodyFrame(tags.TaskResult, 3, 0, 0, list(0, composite, 0), uint64(1<<29+5)<<2),
		"an address is bytes":        bodyFrame(tags.Echo, 1, list(0, bytes, 8), 1),
		"a host is a struct":         bodyFrame(tags.Echo, 1, structure|1<<48, 7, structure, 9),
		"a host without an end":      bodyFrame(tags.Echo, 1, structure|1<<48, 7, list(0, bytes, 3), 0x414141),
		"an id outside":              bodyFrame(tags.Task, 3, list(500, bytes, 3), 0, 0),
	} {
		if got, err := newest.Decode(data); !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// A hostile result has many pointers to the same bytes: the decoded values must not be larger than the frame.
func TestDecodeSharedResults(t *testing.T) {
	const ids, long = 200, 1000
	words := []uint64{0, 0, list(0, 6, ids)}
	for i := range ids {
		words = append(words, list(ids-1-i, 2, long*8))
	}
	if got, err := newest.Decode(bodyFrame(tags.TaskResult, 3, append(words, make([]uint64, long)...)...)); err == nil {
		t.Errorf("got %+v", got)
	}
}

// The frame of a task is forwarded, so the agent does not limit its arguments.
func TestDecodeForwardsAnyNumberOfObjects(t *testing.T) {
	const objects = 1 << 17
	data := bodyFrame(tags.ObjectInstruction, 2, 0, list(0, 6, objects))
	data = append(data, make([]byte, 8*objects)...)
	binary.LittleEndian.PutUint32(data[4:], uint32(len(data)/8-1))
	if got, err := newest.Decode(data); err != nil || len(got.(ObjectInstruction).Frame) != len(data) {
		t.Errorf("got %T, %v", got, err)
	}
}

func TestDecodeTakesLittleMemory(t *testing.T) {
	data := bodyFrame(tags.TaskResult, 3, 0, 0, list(0, 7, 0), uint64(1<<28)<<2)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = newest.Decode(data)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<10 {
		t.Errorf("%d bytes for a frame of %d", used, len(data))
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, release := range recordings(b) {
		if release.Release != "2.9.0" {
			continue
		}
		for _, recorded := range release.Frames {
			codec := release.codec()
			if _, err := codec.Decode(recorded.frame); err != nil {
				continue // sent by the agent itself
			}
			b.Run(recorded.Name, func(b *testing.B) {
				b.ReportAllocs()
				for range b.N {
					_, _ = codec.Decode(recorded.frame)
				}
			})
		}
	}
}
