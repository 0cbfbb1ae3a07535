package transport

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/ymq"
)

// A ZMTP greeting begins with a signature of 10 bytes, of which the first and the last are fixed. libzmq sends the
// rest of its greeting only in reply to ours.
const (
	zmtpSignature = 10
	zmtpFirst     = 0xff
	zmtpLast      = 0x7f
)

// maxBareIdentity limits the identity with which YMQ without a magic begins. Scaler's ("pid|name|UUID") have about 50
// bytes.
const maxBareIdentity = 256

// quotedBytes is the number of an unexpected peer's first bytes that errors quote.
const quotedBytes = 16

// sniff detects the protocol from the peer's first bytes without consuming them.
func sniff(s *stream.Stream) (Protocol, error) {
	magic, err := s.Peek(ymq.MagicSize)
	if err != nil {
		return Protocol{}, err
	}
	if version, found := bytes.CutPrefix(magic, []byte(ymq.MagicPrefix)); found {
		if version[0] != ymq.First && version[0] != ymq.Second {
			return Protocol{}, fmt.Errorf("%w %d (supported: %d, %d)", ErrUnknownYMQ, version[0], ymq.First, ymq.Second)
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
	if magic[1] == 0 { // identities are shorter than 256 bytes
		if header, err := s.Peek(ymq.HeaderSize); err != nil {
			return Protocol{}, err
		} else if length := binary.LittleEndian.Uint64(header); length > 0 && length < maxBareIdentity {
			return Protocol{Kind: YMQ, Version: ymq.NoMagic}, nil
		}
	}
	return Protocol{}, unexpectedPeer(s.Arrived(quotedBytes))
}

func unexpectedPeer(sent []byte) error { return fmt.Errorf("%w: it sent %q", ErrNotScheduler, sent) }
