// Package protocol is the protocol between the manager and the worker host: its frames, and a type per message. Its
// twin is python/scaler_native/host/protocol.py. Both are tested with the frames of schema/host_frames.json, and
// schema/worker-host.md describes the protocol.
package protocol

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Version is exchanged first. The binary contains the host's sources, so a different version means that they are
// damaged.
const Version = 3

// FrameLimit is the largest frame in bytes that either side accepts. The largest frames in practice, with a pickled
// processor, have about 2 KiB.
const FrameLimit = 1 << 20

// ErrFrame matches errors about bytes that are not a frame or not a message.
var ErrFrame = errors.New("not a frame of the worker host")

// Message is one of the message types of this package.
type Message interface{ kind() string }

// Encode encodes a message as a frame.
func Encode(message Message) ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(message); err != nil {
		return nil, fmt.Errorf("cannot encode %q: %w", message.kind(), err)
	}
	// Of {"a":1}\n keep what follows the brace, without the newline.
	members := bytes.TrimSuffix(body.Bytes()[1:], []byte("\n"))
	head := fmt.Sprintf(`{"type":%q`, message.kind())
	if len(members) > 1 {
		head += ","
	}
	size := len(head) + len(members)
	if size > FrameLimit {
		return nil, fmt.Errorf("cannot encode %q: %d bytes are over the limit of %d", message.kind(), size, FrameLimit)
	}
	frame := make([]byte, 0, 4+size)
	frame = binary.LittleEndian.AppendUint32(frame, uint32(size))
	return append(append(frame, head...), members...), nil
}

// Decode decodes the body of a frame. Errors match ErrFrame.
func Decode(body []byte) (Message, error) {
	var envelope struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFrame, err)
	}
	switch envelope.Type {
	case "hello":
		return decode[Hello](body)
	case "configure":
		return decode[Configure](body)
	case "start":
		return decode[Start](body)
	case "reap":
		return decode[Reap](body)
	case "ready":
		return decode[Ready](body)
	case "failed":
		return decode[Failed](body)
	case "configured":
		return decode[Configured](body)
	case "started":
		return decode[Started](body)
	case "refused":
		return decode[Refused](body)
	case "registered":
		return decode[Registered](body)
	case "ping":
		return decode[Ping](body)
	case "busy":
		return decode[Busy](body)
	case "idle":
		return decode[Idle](body)
	case "parent":
		return decode[Parent](body)
	case "processor":
		return decode[Processor](body)
	case "pong":
		return decode[Pong](body)
	case "socket":
		return decode[Socket](body)
	case "exited":
		return decode[Exited](body)
	case "check":
		return decode[Check](body)
	case "checked":
		return decode[Checked](body)
	case "fork":
		return decode[Fork](body)
	case "signal":
		return decode[Signal](body)
	case "resume":
		return decode[Resume](body)
	case "make_spare":
		return decode[MakeSpare](body)
	case "drop_spare":
		return decode[DropSpare](body)
	case "spare":
		return decode[Spare](body)
	case "quit":
		return decode[Quit](body)
	case "failure":
		return decode[Failure](body)
	case "not_forked":
		return decode[NotForked](body)
	case "terminate":
		return decode[Terminate](body)
	case "failure_made":
		return decode[FailureMade](body)
	}
	return nil, fmt.Errorf("%w: unknown type %.40q", ErrFrame, envelope.Type)
}

func decode[M Message](body []byte) (Message, error) {
	var message M
	if err := json.Unmarshal(body, &message); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFrame, message.kind(), err)
	}
	return message, nil
}

// Read reads one message from a stream. The error is io.EOF at the end of the stream between frames, and matches
// ErrFrame for malformed frames.
func Read(stream io.Reader) (Message, error) {
	var length [4]byte
	if _, err := io.ReadFull(stream, length[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: the stream ends within a length", ErrFrame)
		}
		return nil, err
	}
	size := binary.LittleEndian.Uint32(length[:])
	if size > FrameLimit {
		return nil, fmt.Errorf("%w: %d bytes are over the limit of %d", ErrFrame, size, FrameLimit)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(stream, body); err != nil {
		return nil, fmt.Errorf("%w: the stream ends within a frame of %d bytes: %w", ErrFrame, size, err)
	}
	return Decode(body)
}
