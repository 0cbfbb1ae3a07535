package protocol

import (
	"fmt"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/message/frame"
)

const (
	// MaxFrame is in bytes, and as much as a connection lets through: a task has some 50 bytes for each argument, and the
	// scheduler may tell of any number of objects at once.
	MaxFrame = 64 << 20
	// MaxEntries is for a list of a message that is encoded here.
	MaxEntries = 1 << 16
)

// Errors of Decode and of the encoders.
var (
	ErrMalformed = message.ErrMalformed
	ErrTooLarge  = message.ErrTooLarge
)

// UnexpectedTagError is returned for a well-formed message that no agent should get.
type UnexpectedTagError struct{ Tag uint16 }

func (e *UnexpectedTagError) Error() string {
	return fmt.Sprintf("cannot use message %d: it is not for a worker's agent", e.Tag)
}

// Tags are the discriminants of the agent's messages; message.NoTag stands for one that a release does not have.
type Tags struct {
	Task, TaskCancel, TaskCancelConfirm, TaskResult, TaskLog uint16
	ObjectInstruction                                        uint16
	Heartbeat, Echo                                          uint16
	DisconnectResponse, ClientDisconnect                     uint16
	ProcessorInitialized                                     uint16
}

// TagsOf returns the discriminants as known from published releases. Two messages went with 2.7.0, and those behind
// them moved up.
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

// Codec turns messages into frames and back. It has no state.
type Codec struct{ tags Tags }

// NewCodec makes a codec with the tags that the installed Scaler has.
func NewCodec(tags Tags) Codec { return Codec{tags: tags} }

// AnswersLeave tells whether the scheduler answers a worker's leave, by DisconnectResponse.
func (c Codec) AnswersLeave() bool { return c.tags.DisconnectResponse != message.NoTag }

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
