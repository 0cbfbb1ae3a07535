package protocol

import (
	"fmt"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/message/frame"
)

const (
	// MaxFrame is the size limit of a frame in bytes, the same as that of a connection. A task has some 50 bytes per
	// argument, and a scheduler may send any number of object ids in one instruction.
	MaxFrame = 64 << 20
	// MaxEntries is the length limit of a list in a message that is encoded or decoded here.
	MaxEntries = 1 << 16
)

// Errors of Decode and of the encoders.
var (
	ErrMalformed = message.ErrMalformed
	ErrTooLarge  = message.ErrTooLarge
)

// UnexpectedTagError is returned for a well-formed message that is not meant for an agent.
type UnexpectedTagError struct{ Tag uint16 }

func (e *UnexpectedTagError) Error() string {
	return fmt.Sprintf("cannot use message %d: it is not meant for a worker's agent", e.Tag)
}

// Tags are the union tags of the agent's messages; message.NoTag if a release lacks a message.
type Tags struct {
	Task, TaskCancel, TaskCancelConfirm, TaskResult, TaskLog uint16
	ObjectInstruction                                        uint16
	Heartbeat, Echo                                          uint16
	DisconnectResponse, ClientDisconnect                     uint16
	ProcessorInitialized                                     uint16
}

// TagsOf returns the tags of published releases. 2.7.0 removed two messages, which moved up those behind them.
func TagsOf(dialect message.Dialect) Tags {
	tags := Tags{
		Task: 0, TaskCancel: 1, TaskCancelConfirm: 2, TaskResult: 3, TaskLog: 4, ObjectInstruction: 6,
		Heartbeat: 9, Echo: 10,
		DisconnectResponse: 12, ClientDisconnect: 20, ProcessorInitialized: 22,
	}
	if dialect == message.Declarative2 {
		tags.DisconnectResponse, tags.ClientDisconnect, tags.ProcessorInitialized = message.NoTag, 18, 20
	}
	return tags
}

// Codec encodes and decodes messages. It is immutable.
type Codec struct{ tags Tags }

// NewCodec returns a codec with the tags of the installed Scaler.
func NewCodec(tags Tags) Codec { return Codec{tags: tags} }

// AnswersDisconnect reports whether the scheduler answers a worker's disconnect with DisconnectResponse (before 2.7.0).
func (c Codec) AnswersDisconnect() bool { return c.tags.DisconnectResponse != message.NoTag }

func encode(name string, tag uint16, body func(*capnp.Segment) (capnp.Ptr, error)) ([]byte, error) {
	encoded, err := frame.Make(tag, MaxFrame, body)
	if err != nil {
		return nil, fmt.Errorf("cannot encode %s: %w", name, err)
	}
	return encoded, nil
}

func checkEntries(entries int) error {
	if entries > MaxEntries {
		return fmt.Errorf("%w: a list of %d", ErrTooLarge, entries)
	}
	return nil
}
