package transport

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/ymq"
)

// A ZMTP greeting begins with a signature of 10 bytes, of which the first and the last are fixed. libzmq sends those
// 10 unasked and the rest of its greeting as an answer to ours.
const (
	zmtpSignature = 10
	zmtpFirst     = 0xff
	zmtpLast      = 0x7f
)

// maxBareIdentity bounds the identity with whose length YMQ without a magic begins. Scaler's ("pid|name|UUID") have about
// 50 bytes.
const maxBareIdentity = 256

// shownBytes is how much of a stranger's first words an error shows.
const shownBytes = 16

// sniff tells from the peer's first bytes what it speaks and leaves them to be read.
func sniff(s *stream.Stream) (Protocol, error) {
	magic, err := s.Peek(ymq.MagicSize)
	if err != nil {
		return Protocol{}, err
	}
	if version, found := bytes.CutPrefix(magic, []byte(ymq.MagicPrefix)); found {
		if version[0] != ymq.First && version[0] != ymq.Second {
			return Protocol{}, fmt.Errorf("%w %d, known are %d and %d", ErrUnknownYMQ, version[0], ymq.First, ymq.Second)
		}
		return Protocol{Kind: YMQ, Version: version[0]}, nil
	}
	if magic[0] == zmtpFirst {
		signature, err := s.Peek(zmtpSignature)
		if err != nil {
			return Protocol{}, err
		}
		if signature[zmtpSignature-1] == zmtpLast {
			return Protocol{Kind: ZMQ}, nil
		}
	}
	if magic[1] == 0 { // else nothing is worth waiting for
		if header, err := s.Peek(ymq.HeaderSize); err != nil {
			return Protocol{}, err
		} else if length := binary.LittleEndian.Uint64(header); length > 0 && length < maxBareIdentity {
			return Protocol{Kind: YMQ, Version: ymq.NoMagic}, nil
		}
	}
	return Protocol{}, stranger(s.Arrived(shownBytes))
}

func stranger(said []byte) error { return fmt.Errorf("%w: it says %q", ErrNotScheduler, said) }
