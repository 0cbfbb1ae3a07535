package message

import (
	"encoding/binary"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// structPointer and listPointer encode pointers of Cap'n Proto, for invalid frames.

func structPointer(offset int, dataWords, pointers uint64) uint64 {
	return uint64(uint32(offset)<<2) | dataWords<<32 | pointers<<48
}

const (
	byteElements      = 2
	pointerElements   = 6
	compositeElements = 7
)

func listPointer(offset int, elements, length uint64) uint64 {
	return uint64(uint32(offset)<<2|1) | elements<<32 | length<<35
}

// frameOf makes a frame of one segment: a root pointer, then words.
func frameOf(words ...uint64) []byte {
	frame := binary.LittleEndian.AppendUint64(nil, uint64(len(words)+1)<<32)
	frame = binary.LittleEndian.AppendUint64(frame, structPointer(0, 1, 1))
	for _, word := range words {
		frame = binary.LittleEndian.AppendUint64(frame, word)
	}
	return frame
}

const newestCommand, newestEcho = 25, 24

var newest = NewCodec(Declarative2.Tags(), Declarative2)

// sharing makes a command in which all worker ids point to the same long data.
func sharing(ids, dataWords int) []byte {
	words := []uint64{
		newestCommand, structPointer(0, 1, 2), uint64(ShutdownWorkers), listPointer(1, pointerElements, uint64(ids)), 0,
	}
	for i := range ids {
		words = append(words, listPointer(ids-1-i, byteElements, uint64(dataWords*8)))
	}
	return frameOf(append(words, make([]uint64, dataWords)...)...)
}

// emptyElements makes a command whose requests each have a long list of elements of size 0.
func emptyElements(requests, length int) []byte {
	words := []uint64{
		newestCommand, structPointer(0, 0, 1), listPointer(0, compositeElements, uint64(2*requests)),
		structPointer(requests, 1, 1),
	}
	for i := range requests {
		words = append(words, 1, listPointer(2*(requests-1-i), compositeElements, 0))
	}
	return frameOf(append(words, structPointer(length, 0, 0))...)
}

func TestDecodeRefuses(t *testing.T) {
	echo := frameOf(newestEcho, 0)
	cases := []struct {
		name  string
		frame []byte
		want  error
	}{
		{"nothing", nil, ErrMalformed},
		{"half a word", echo[:4], ErrMalformed},
		{"only a segment table", echo[:8], ErrMalformed},
		{"a cut segment", echo[:len(echo)-8], ErrMalformed},
		{"half a word at the end", append(slices.Clone(echo), 0, 0, 0, 0), ErrMalformed},
		{"no segment content", make([]byte, 8), ErrMalformed},
		{"the most segments", slices.Repeat([]byte{0xFF}, 64), ErrTooLarge},
		{"more segments than bytes", append([]byte{0xFE, 1, 0, 0}, make([]byte, 12)...), ErrMalformed},
		{"a long frame", make([]byte, MaxFrame+8), ErrTooLarge},
		{"no root", frameOf()[:8], ErrMalformed},
		{"a root that is null", slices.Concat(echo[:8], make([]byte, 24)), ErrMalformed},
		{"no command", frameOf(newestCommand, 0), ErrMalformed},
		{"an empty command", frameOf(newestCommand, structPointer(-1, 0, 0)), ErrMalformed},
		{"a command that is a list", frameOf(newestCommand, listPointer(0, byteElements, 0)), ErrMalformed},
		{"a command out of bounds", frameOf(newestCommand, structPointer(9, 1, 3)), ErrMalformed},
		{"a far pointer to nowhere", frameOf(newestCommand, 2|7<<32), ErrMalformed},
		{"a far pointer to itself", frameOf(newestCommand, 2|2<<3), ErrMalformed},
		{"requests that are a struct",
			frameOf(newestCommand, structPointer(0, 0, 1), structPointer(0, 1, 0), 0), ErrMalformed},
		{"requests that are a capability", frameOf(newestCommand, structPointer(0, 0, 1), 3), ErrMalformed},
		{"a negative number of requests",
			frameOf(newestCommand, structPointer(0, 0, 1), listPointer(0, compositeElements, 0), structPointer(-1, 0, 0)),
			ErrMalformed},
		{"a name that does not end",
			frameOf(newestCommand, structPointer(0, 1, 2), 0, 0, listPointer(0, compositeElements, 2),
				structPointer(1, 1, 1), 0, listPointer(0, byteElements, 8), 0x6161616161616161), ErrMalformed},
		{"a worker id that is a struct",
			frameOf(newestCommand, structPointer(0, 1, 2), 0, listPointer(1, pointerElements, 1), 0, structPointer(-1, 0, 0)),
			ErrMalformed},
		{"worker ids that are bytes",
			frameOf(newestCommand, structPointer(0, 1, 2), 0, listPointer(1, byteElements, 1), 0, 0), ErrMalformed},
		{"shared worker ids", sharing(60_000, 60_000), ErrMalformed},
		{"a million empty requests", emptyElements(1, 1<<20), ErrMalformed},
		{"lists of empty elements", emptyElements(20_000, 3), ErrMalformed},
		{"bytes for requests", frameOf(append(
			[]uint64{newestCommand, structPointer(0, 0, 1), listPointer(0, byteElements, 80_000)},
			make([]uint64, 10_000)...)...), ErrTooLarge},
		{"one entry too many", frameOf(append(
			[]uint64{newestCommand, structPointer(0, 1, 2), 1, listPointer(1, pointerElements, MaxEntries+1), 0},
			make([]uint64, MaxEntries+1)...)...), ErrTooLarge},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			before := allocated()
			message, err := newest.Decode(test.frame)
			if took, most := allocated()-before, uint64(8*len(test.frame)+64<<10); took > most {
				t.Errorf("allocated %d bytes for a frame of %d", took, len(test.frame))
			}
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, %v, want %v", message, err, test.want)
			}
		})
	}
}

func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

func TestDecodeCutFrames(t *testing.T) {
	eachFrame(t, "command", func(t *testing.T, release recording, recorded recorded) {
		for length := 0; length < len(recorded.frame); length += 8 {
			if message, err := release.codec().Decode(recorded.frame[:length]); err == nil {
				t.Fatalf("cut to %d bytes: got %v", length, message)
			}
		}
	})
}

func TestDecodePassesOverTrailingWords(t *testing.T) {
	eachFrame(t, "command", func(t *testing.T, release recording, recorded recorded) {
		want, err := release.codec().Decode(recorded.frame)
		if err != nil {
			t.Fatal(err)
		}
		got, err := release.codec().Decode(append(recorded.frame, slices.Repeat([]byte{0xFF}, 16)...))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	})
}

func TestDecodedCommandKeepsNoFrame(t *testing.T) {
	eachFrame(t, "command", func(t *testing.T, release recording, recorded recorded) {
		want := recorded.Values.command(release.dialect.Generation())
		got, err := release.codec().Decode(recorded.frame)
		clear(recorded.frame)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, %v, want %#v", got, err, want)
		}
	})
}

func TestCommandKeepsUnknownAction(t *testing.T) {
	frame := frameOf(newestCommand, structPointer(0, 1, 2), 9, 0, 0)
	want := Command{Generation: ImperativeCommands, Action: 9}
	if got, err := newest.Decode(frame); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if name := want.Action.String(); name != "9" {
		t.Errorf("got name %q", name)
	}
}

// Fields that a later release adds must not change the generation of its commands.
func TestGenerationOfGrownCommands(t *testing.T) {
	cases := []struct {
		dataWords, pointers uint64
		want                Generation
	}{
		{0, 1, DeclarativeCommands},
		{1, 1, DeclarativeCommands},
		{0, 2, DeclarativeCommands},
		{1, 2, ImperativeCommands},
		{2, 2, ImperativeCommands},
		{1, 3, HybridCommands},
		{2, 4, HybridCommands},
	}
	for _, test := range cases {
		words := make([]uint64, 2+test.dataWords+test.pointers)
		words[0], words[1] = newestCommand, structPointer(0, test.dataWords, test.pointers)
		got, err := newest.Decode(frameOf(words...))
		if err != nil || got.(Command).Generation != test.want {
			t.Errorf("%d data words, %d pointers: got %v, %v, want %v", test.dataWords, test.pointers, got, err, test.want)
		}
	}
}

func TestUnexpectedTag(t *testing.T) {
	older := NewCodec(Declarative.Tags(), Declarative)
	cases := []struct {
		name  string
		codec Codec
		tag   uint16
		want  []Dialect
		says  string
	}{
		{"old echo to a new manager", newest, 26, []Dialect{Imperative, Hybrid, Declarative}, "2.3.5 to 2.6.0"},
		{"old command to a new manager", newest, 27, []Dialect{Imperative, Hybrid, Declarative}, "1.26.0 to 2.0.20"},
		{"new echo to an old manager", older, 24, []Dialect{Declarative2}, "2.7.0 or newer"},
		{"new command to an old manager", older, 25, []Dialect{Declarative2}, "2.7.0 or newer"},
		{"a task", newest, 0, nil, "not a message for worker managers"},
		{"own heartbeat", newest, 23, nil, "not a message for worker managers"},
		{"unknown", older, NoTag, nil, "not a message for worker managers"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.codec.Decode(frameOf(uint64(test.tag), 0))
			var unexpected *UnexpectedTagError
			if !errors.As(err, &unexpected) {
				t.Fatalf("got %v", err)
			}
			if unexpected.Tag != test.tag || !slices.Equal(unexpected.Dialects, test.want) ||
				!strings.Contains(err.Error(), test.says) {
				t.Errorf("got %+v, %q, want %v, %q", unexpected, err, test.want, test.says)
			}
		})
	}
}

// The tags were read from the schemas of 1.26.6, 2.3.3, 2.6.0 and 2.9.0.
func TestPublished(t *testing.T) {
	for _, test := range []struct {
		dialect Dialect
		tag     byte
		want    bool
	}{
		{Imperative, 12, false}, {Imperative, 13, true}, {Hybrid, 16, true},
		{Declarative, 19, true}, {Declarative, 20, false},
		{Declarative2, 10, false}, {Declarative2, 11, true}, {Declarative2, 17, true}, {Declarative2, 18, false},
	} {
		frame := withTag(test.tag)
		_, err := NewCodec(test.dialect.Tags(), test.dialect).Decode(frame)
		var unexpected *UnexpectedTagError
		if !errors.As(err, &unexpected) || unexpected.Published != test.want {
			t.Errorf("%s, message %d: %v", test.dialect, test.tag, err)
		}
		if test.want && !Published(frame) {
			t.Errorf("message %d is not published", test.tag)
		}
	}
	if Published(withTag(24)) || Published([]byte("garbage!")) {
		t.Error("an echo or garbage is published")
	}
}

// withTag makes a frame with this tag and no body.
func withTag(tag byte) []byte {
	return []byte{0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, tag, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
}
