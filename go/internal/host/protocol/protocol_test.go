package protocol

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// sample is one message of schema/host_frames.json.
type sample struct {
	Name, From, To string
	Message        json.RawMessage
	Frame          string
	frame          []byte
}

// samples are the messages that the manager sends or receives; others between workers and their host have no type here.
func samples(t testing.TB) []sample {
	t.Helper()
	text, err := os.ReadFile("../../../../schema/host_frames.json")
	if err != nil {
		t.Fatal(err)
	}
	var all, ours []sample
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.From != "manager" && s.To != "manager" {
			continue
		}
		if s.frame, err = hex.DecodeString(s.Frame); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		ours = append(ours, s)
	}
	return ours
}

func TestSamples(t *testing.T) {
	kinds := map[string]bool{}
	for _, s := range samples(t) {
		t.Run(s.Name, func(t *testing.T) {
			message, err := Read(bytes.NewReader(s.frame))
			if err != nil {
				t.Fatal(err)
			}
			kinds[message.kind()] = true
			frame, err := Encode(message)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(frame, s.frame) {
				t.Errorf("encoded\n%s\nwant\n%s", frame[4:], s.frame[4:])
			}
			written, err := Decode(s.Message)
			if err != nil {
				t.Fatal(err)
			}
			// Frames are compared, since a message may hold raw JSON.
			if again, err := Encode(written); err != nil || !bytes.Equal(again, frame) {
				t.Errorf("the sample's JSON says %v (%v), its frame %v", written, err, message)
			}
		})
	}
	const all = 31
	if len(kinds) != all {
		t.Errorf("the samples have %d types of messages, want %d: %v", len(kinds), all, kinds)
	}
}

func TestReadSeveral(t *testing.T) {
	var stream bytes.Buffer
	for _, s := range samples(t) {
		stream.Write(s.frame)
	}
	for _, s := range samples(t) {
		if _, err := Read(&stream); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
	}
	if _, err := Read(&stream); err != io.EOF {
		t.Errorf("after the last frame: %v, want io.EOF", err)
	}
}

func TestReadCut(t *testing.T) {
	for _, s := range samples(t) {
		for n := 1; n < len(s.frame); n++ {
			if _, err := Read(bytes.NewReader(s.frame[:n])); !errors.Is(err, ErrFrame) {
				t.Fatalf("%s cut to %d of %d bytes: %v, want ErrFrame", s.Name, n, len(s.frame), err)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ name, body string }{
		{"nothing", ""},
		{"no JSON", "hello"},
		{"a list", `["hello"]`},
		{"a string", `"hello"`},
		{"a number", "1"},
		{"null", "null"},
		{"no type", `{"version":1}`},
		{"an empty type", `{"type":""}`},
		{"an unknown type", `{"type":"helo"}`},
		{"a type that is no text", `{"type":1}`},
		{"another case", `{"type":"Hello"}`},
		{"a message of workers only", `{"type":"worker","process":""}`},
		{"a member of another kind", `{"type":"start","worker":"one"}`},
		{"a pid that is no whole number", `{"type":"exited","pid":1.5,"status":0}`},
		{"a negative tag", `{"type":"ready","tags":{"echo":-1}}`},
		{"a tag beyond 16 bits", `{"type":"ready","tags":{"echo":65536}}`},
		{"two values", `{"type":"start","worker":1}{}`},
		{"deep nesting", strings.Repeat("[", 100_000)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if message, err := Read(bytes.NewReader(framed(test.body))); !errors.Is(err, ErrFrame) || message != nil {
				t.Errorf("got %v, %v; want ErrFrame", message, err)
			}
		})
	}
}

func TestReadIgnoresNewMembers(t *testing.T) {
	got, err := Read(bytes.NewReader(framed(`{"type":"start","worker":3,"later":true}`)))
	if want := (Start{Worker: 3}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

// endless counts the bytes read from it.
type endless struct {
	head []byte
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.head)
	e.head = e.head[n:]
	e.read += n
	return n, nil
}

func TestReadRefusesALongFrameByItsLength(t *testing.T) {
	for _, size := range []uint32{FrameLimit + 1, 1 << 31, 1<<32 - 1} {
		stream := &endless{head: append(binary.LittleEndian.AppendUint32(nil, size), "{}"...)}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(stream)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrFrame) || stream.read != 4 {
			t.Errorf("%d bytes: %v after %d bytes, want ErrFrame after 4", size, err, stream.read)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > FrameLimit/4 {
			t.Errorf("%d bytes: took %d bytes of memory", size, taken)
		}
	}
}

func TestFrameLimit(t *testing.T) {
	overhead := len(`{"type":"failed","error":""}`)
	longest := Failed{Error: strings.Repeat("x", FrameLimit-overhead)}
	frame, err := Encode(longest)
	if err != nil || len(frame) != 4+FrameLimit {
		t.Fatalf("the longest message: %d bytes, %v", len(frame), err)
	}
	if got, err := Read(bytes.NewReader(frame)); err != nil || got != longest {
		t.Errorf("the longest message was not read: %v", err)
	}
	if _, err := Encode(Failed{Error: longest.Error + "x"}); err == nil {
		t.Error("a message beyond the limit was encoded")
	}
}

func TestEncodeRefuses(t *testing.T) {
	if _, err := Encode(Configure{Options: map[string]any{"x": make(chan int)}}); err == nil {
		t.Error("what JSON cannot say was encoded")
	}
}

func framed(body string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...)
}

func FuzzRead(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.frame)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		message, err := Read(bytes.NewReader(data))
		if err != nil {
			if !errors.Is(err, ErrFrame) && err != io.EOF {
				t.Fatalf("neither ErrFrame nor io.EOF: %v", err)
			}
			return
		}
		frame, err := Encode(message)
		if err != nil {
			// The encoder escapes some characters.
			if 6*len(data) < FrameLimit {
				t.Fatalf("read, but not encoded: %v", err)
			}
			return
		}
		// Missing and empty members decode to the same, so frames are compared.
		again, err := Read(bytes.NewReader(frame))
		if err != nil {
			t.Fatalf("%s cannot be read again: %v", frame[4:], err)
		}
		if second, err := Encode(again); err != nil || !bytes.Equal(second, frame) {
			t.Fatalf("%s became %s (%v)", frame[4:], second, err)
		}
	})
}
