package stream

import "bytes"

// Frames splits what ReadSome reads into frames. It buffers only an incomplete frame, or frames that were not taken.
// The zero value is ready to use.
type Frames struct {
	buffered []byte
	refused  bool // buffered has frames that were not taken; else it is an incomplete frame
}

// Cut parses the header at the start of begin, and returns the sizes of header and body in bytes. A header of 0 means
// that begin is too short.
type Cut func(begin []byte) (header, body int, err error)

// Take handles a frame. It must not keep header. If it returns false, the frame is kept and offered again.
type Take func(header, body []byte) (taken bool, err error)

// Receive offers the frames that were not taken, or else reads once. It returns io.EOF if the stream ends between
// frames, io.ErrUnexpectedEOF if within one.
func (f *Frames) Receive(s *Stream, scratch []byte, cut Cut, take Take) error {
	if f.refused {
		if err := s.closedBy(); err != nil {
			return err
		}
		return f.Split(f.takeRefused(), cut, take)
	}
	n, err := s.ReadSome(scratch)
	if err != nil {
		return f.End(err)
	}
	return f.Split(scratch[:n], cut, take)
}

func (f *Frames) takeRefused() []byte {
	b := f.buffered
	f.buffered, f.refused = nil, false
	return b
}

// End translates an error of reading: io.EOF within a frame becomes io.ErrUnexpectedEOF.
func (f *Frames) End(err error) error {
	if len(f.buffered) > 0 {
		return unexpectedEOF(err)
	}
	return err
}

// Split appends b to buffered and offers the complete frames, in order. It keeps no reference to b, and neither do
// the bodies it offers.
func (f *Frames) Split(b []byte, cut Cut, take Take) error {
	for len(b) > 0 {
		begin, rest := b, []byte(nil)
		if len(f.buffered) > 0 {
			var err error
			if rest, err = f.complete(b, cut); err != nil {
				return err
			}
			begin = f.buffered
		}
		header, body, err := cut(begin)
		if err != nil {
			return err
		}
		if header == 0 || len(begin)-header < body {
			if len(f.buffered) == 0 {
				f.buffered = bytes.Clone(b)
			}
			return nil
		}
		size := header + body
		own := begin[header:size]
		if len(f.buffered) == 0 {
			rest, own = b[size:], bytes.Clone(own)
		}
		taken, err := take(begin[:header], own)
		if err != nil {
			return err
		}
		if !taken {
			f.refused = true
			if len(f.buffered) > 0 {
				f.buffered = append(f.buffered, rest...)
			} else {
				f.buffered = bytes.Clone(b)
			}
			return nil
		}
		f.buffered, b = nil, rest
	}
	return nil
}

// complete moves bytes from b to buffered until the frame is complete, and returns the rest of b.
func (f *Frames) complete(b []byte, cut Cut) (rest []byte, err error) {
	for len(b) > 0 {
		header, body, err := cut(f.buffered)
		if err != nil {
			return nil, err
		}
		lacking := 1
		if header > 0 {
			lacking = min(header+body-len(f.buffered), len(b))
		}
		if lacking == 0 {
			break
		}
		f.grow(lacking, header+body)
		f.buffered = append(f.buffered, b[:lacking]...)
		b = b[lacking:]
	}
	return b, nil
}

// grow makes room for more bytes. It doubles the capacity, at most to that of the whole frame, so that announcing a
// length costs no memory.
func (f *Frames) grow(more, whole int) {
	need := len(f.buffered) + more
	if need <= cap(f.buffered) {
		return
	}
	grown := make([]byte, len(f.buffered), max(need, min(2*cap(f.buffered), whole)))
	copy(grown, f.buffered)
	f.buffered = grown
}
