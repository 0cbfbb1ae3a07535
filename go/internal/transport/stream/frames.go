package stream

import "bytes"

// Frames takes what ReadSome reads apart into frames. It has no memory but for a frame of which a part is still to come,
// and for frames that are not taken. The zero value is ready.
type Frames struct {
	kept []byte
	left bool // kept is frames that were not taken, and not the begin of one
}

// Cut tells how long the header and the body of the frame are that begins here. A header of 0 is that more has to come.
type Cut func(begin []byte) (header, body int, err error)

// Take is given a frame. The header is not to be kept. False leaves the frame, so that it comes again.
type Take func(header, body []byte) (taken bool, err error)

// Receive gives what was left the last time, or reads once and gives what has come. Its errors are those of a reader that
// waits for a frame: io.EOF between frames and io.ErrUnexpectedEOF inside one.
func (f *Frames) Receive(s *Stream, scratch []byte, cut Cut, take Take) error {
	if f.left {
		if err := s.ended(); err != nil {
			return err
		}
		return f.Split(f.takeLeft(), cut, take)
	}
	n, err := s.ReadSome(scratch)
	if err != nil {
		return f.End(err)
	}
	return f.Split(scratch[:n], cut, take)
}

func (f *Frames) takeLeft() []byte {
	b := f.kept
	f.kept, f.left = nil, false
	return b
}

// End is what an error of reading is after all that was split.
func (f *Frames) End(err error) error {
	if len(f.kept) > 0 {
		return unexpectedEOF(err)
	}
	return err
}

// Split gives the frames of which the end is in b, in order. It keeps a copy of the rest, and gives copies.
func (f *Frames) Split(b []byte, cut Cut, take Take) error {
	for len(b) > 0 {
		begin, rest := b, []byte(nil)
		if len(f.kept) > 0 {
			var err error
			if rest, err = f.complete(b, cut); err != nil {
				return err
			}
			begin = f.kept
		}
		header, body, err := cut(begin)
		if err != nil {
			return err
		}
		if header == 0 || len(begin)-header < body {
			if len(f.kept) == 0 {
				f.kept = bytes.Clone(b)
			}
			return nil
		}
		size := header + body
		own := begin[header:size]
		if len(f.kept) == 0 {
			rest, own = b[size:], bytes.Clone(own)
		}
		taken, err := take(begin[:header], own)
		if err != nil {
			return err
		}
		if !taken {
			f.left = true
			if len(f.kept) > 0 {
				f.kept = append(f.kept, rest...)
			} else {
				f.kept = bytes.Clone(b)
			}
			return nil
		}
		f.kept, b = nil, rest
	}
	return nil
}

// complete moves as much of b to the frame that is kept as that lacks, and returns the rest.
func (f *Frames) complete(b []byte, cut Cut) (rest []byte, err error) {
	for len(b) > 0 {
		header, body, err := cut(f.kept)
		if err != nil {
			return nil, err
		}
		lacking := 1
		if header > 0 {
			lacking = min(header+body-len(f.kept), len(b))
		}
		if lacking == 0 {
			break
		}
		f.grow(lacking, header+body)
		f.kept = append(f.kept, b[:lacking]...)
		b = b[lacking:]
	}
	return b, nil
}

// grow makes room for more bytes, twice as much as there was and at most for the whole frame: a length that is announced
// costs nothing.
func (f *Frames) grow(more, whole int) {
	need := len(f.kept) + more
	if need <= cap(f.kept) {
		return
	}
	grown := make([]byte, len(f.kept), max(need, min(2*cap(f.kept), whole)))
	copy(grown, f.kept)
	f.kept = grown
}
