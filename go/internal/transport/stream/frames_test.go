package stream

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"testing"
)

var errCut = errors.New("bad header")

// cut parses a length of 2 bytes. One that begins with 0xff is an error.
func cut(begin []byte) (header, body int, err error) {
	if len(begin) > 0 && begin[0] == 0xff {
		return 0, 0, errCut
	}
	if len(begin) < 2 {
		return 0, 0, nil
	}
	return 2, int(begin[0])<<8 | int(begin[1]), nil
}

func framed(bodies ...string) (all []byte) {
	for _, body := range bodies {
		all = append(append(all, byte(len(body)>>8), byte(len(body))), body...)
	}
	return all
}

// gather collects frames. If left is set, it does not take every left-th offer.
type gather struct {
	bodies [][]byte
	left   int
	offers int
}

func (g *gather) take(header, body []byte) (bool, error) {
	if len(body) != int(header[0])<<8|int(header[1]) || body == nil {
		return false, errors.New("another header's body")
	}
	if g.offers++; g.left > 0 && g.offers%g.left == 0 {
		return false, nil
	}
	g.bodies = append(g.bodies, body)
	return true, nil
}

// split splits bytes that arrive in pieces of size+1 bytes; the last size repeats.
func split(sent []byte, sizes []byte, left int) ([][]byte, error) {
	var f Frames
	g := &gather{left: left}
	for i := 0; len(sent) > 0; i++ {
		size := 1
		if len(sizes) > 0 {
			size += int(sizes[min(i, len(sizes)-1)])
		}
		size = min(size, len(sent))
		piece := bytes.Clone(sent[:size])
		err := f.Split(piece, cut, g.take)
		for err == nil && f.refused {
			err = f.Split(f.takeRefused(), cut, g.take)
		}
		if err != nil {
			return g.bodies, err
		}
		clear(piece) // as the next read would
		sent = sent[size:]
	}
	return g.bodies, f.End(io.EOF)
}

// FuzzFrames compares bytes that arrive in pieces with a reference.
func FuzzFrames(f *testing.F) {
	for _, seed := range [][]byte{
		nil, framed(""), framed("abc", "", "d"), framed("abc", "def")[:7], []byte("\x00\x01a\xff"),
		framed(string(make([]byte, 600))),
	} {
		f.Add(seed, []byte{0}, 2)
		f.Add(seed, []byte{3, 0, 5}, 0)
	}
	f.Fuzz(func(t *testing.T, sent, sizes []byte, left int) {
		if left == 1 || left < 0 {
			left = 2 // 1 would take nothing
		}
		want, wanted := reference(sent)
		got, err := split(sent, sizes, left)
		if err != wanted || !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("got %q, %v; want %q, %v", got, err, want, wanted)
		}
	})
}

// reference reads one frame after the other.
func reference(sent []byte) (bodies [][]byte, err error) {
	for {
		switch {
		case len(sent) == 0:
			return bodies, io.EOF
		case sent[0] == 0xff:
			return bodies, errCut
		case len(sent) < 2:
			return bodies, io.ErrUnexpectedEOF
		}
		length := int(sent[0])<<8 | int(sent[1])
		if len(sent)-2 < length {
			return bodies, io.ErrUnexpectedEOF
		}
		bodies, sent = append(bodies, sent[2:2+length]), sent[2+length:]
	}
}

func TestFramesOfStream(t *testing.T) {
	s, far := sockets(t, Options{})
	far.Write(framed("one", "two", "three")[:12])
	if _, err := s.Peek(1); err != nil {
		t.Fatal(err)
	}
	var f Frames
	g := &gather{left: 2}
	scratch := make([]byte, 64)
	for i, want := range []string{"one", "onetwo", "onetwo"} { // two is taken when offered again; three is incomplete
		if err := f.Receive(s, scratch, cut, g.take); err != nil {
			t.Fatal(err)
		}
		if got := string(bytes.Join(g.bodies, nil)); got != want {
			t.Errorf("after %d: %q, want %q", i+1, got, want)
		}
	}
	far.Close()
	if err := f.Receive(s, scratch, cut, g.take); err != io.ErrUnexpectedEOF {
		t.Errorf("got %v", err)
	}
}

func TestCloseHidesFramesThatWereLeft(t *testing.T) {
	s, far := sockets(t, Options{})
	far.Write(framed("one"))
	if _, err := s.Peek(5); err != nil {
		t.Fatal(err)
	}
	var f Frames
	none := func([]byte, []byte) (bool, error) { return false, nil }
	if err := f.Receive(s, make([]byte, 64), cut, none); err != nil {
		t.Fatal(err)
	}
	s.Close()
	g := &gather{}
	if err := f.Receive(s, make([]byte, 64), cut, g.take); err != net.ErrClosed || len(g.bodies) > 0 {
		t.Errorf("got %q, %v", g.bodies, err)
	}
}

func TestLengthOfFrameCostsNothing(t *testing.T) {
	const announced = 1 << 30
	huge := func(begin []byte) (header, body int, err error) { return 1, announced, nil }
	var f Frames
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		if err := f.Split(make([]byte, 100), huge, nil); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated for 10000 of %d announced", used, announced)
	}
}
