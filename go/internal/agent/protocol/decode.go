package protocol

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/message/frame"
	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

const (
	// maxDepth allows for frame, body, list and element, and for frame, body, address and host, plus one.
	maxDepth = 5
	// flagsSize is the size in bytes of a task's metadata: a bool, a big-endian int32 and a bool (1.26.0 to 2.9.0).
	flagsSize = 6
)

// Decode decodes a frame of a scheduler or a processor. The error matches ErrMalformed or ErrTooLarge, or is an
// *UnexpectedTagError. Parts that are only forwarded are not decoded, and their lists may have any length.
func (c Codec) Decode(data []byte) (Message, error) {
	root, err := frame.Open(data, MaxFrame, maxDepth)
	if err != nil {
		return nil, fmt.Errorf("cannot decode frame: %w", err)
	}
	var name string
	var decoded Message
	switch tag := root.Tag(); tag {
	case message.NoTag:
		return nil, &UnexpectedTagError{Tag: tag}
	case c.tags.TaskLog:
		return TaskLog{Frame: data}, nil
	case c.tags.ObjectInstruction:
		return ObjectInstruction{Frame: data}, nil
	case c.tags.DisconnectResponse:
		return DisconnectResponse{}, nil
	case c.tags.ProcessorInitialized:
		return ProcessorInitialized{}, nil
	case c.tags.Task:
		name = "task"
		decoded, err = decodeTask(root, data)
	case c.tags.TaskResult:
		name = "task result"
		decoded, err = decodeTaskResult(root)
	case c.tags.TaskCancel:
		name = "task cancel"
		decoded, err = decodeTaskCancel(root)
	case c.tags.Echo:
		name = "echo"
		decoded, err = decodeEcho(root)
	case c.tags.ClientDisconnect:
		name = "client's disconnect"
		decoded, err = decodeClientDisconnect(root)
	default:
		return nil, &UnexpectedTagError{Tag: tag}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot decode %s: %w", name, err)
	}
	return decoded, nil
}

func decodeTask(root wire.Frame, data []byte) (Message, error) {
	body, err := bodyOf(root)
	if err != nil {
		return nil, err
	}
	task := Task{Profiling: true, Frame: data}
	if task.ID, err = idAt(body, 0); err != nil {
		return nil, err
	}
	if task.Source, err = idAt(body, 1); err != nil {
		return nil, err
	}
	flags, err := dataAt(body, 2)
	if err != nil {
		return nil, err
	}
	switch len(flags) {
	case 0:
	case flagsSize:
		task.Profiling, task.StreamOutput = flags[0] != 0, flags[5] != 0
		task.Priority = int32(binary.BigEndian.Uint32(flags[1:]))
	default:
		return nil, fmt.Errorf("%w: %d bytes of metadata", ErrMalformed, len(flags))
	}
	return task, nil
}

func decodeTaskResult(root wire.Frame) (Message, error) {
	body, err := bodyOf(root)
	if err != nil {
		return nil, err
	}
	result := TaskResult{Type: ResultType(wire.TaskResult(body).Type())}
	if result.TaskID, err = idAt(body, 0); err != nil {
		return nil, err
	}
	if result.Metadata, err = dataAt(body, 1); err != nil {
		return nil, err
	}
	result.Results, err = listAt(body, 2)
	return result, err
}

func decodeTaskCancel(root wire.Frame) (Message, error) {
	body, err := bodyOf(root)
	if err != nil {
		return nil, err
	}
	cancel := TaskCancel{}
	if cancel.TaskID, err = idAt(body, 0); err != nil {
		return nil, err
	}
	flags, err := structAt(body, 1)
	cancel.Force = wire.TaskCancelFlags(flags).Force()
	return cancel, err
}

func decodeEcho(root wire.Frame) (Message, error) {
	body, err := bodyOf(root)
	if err != nil {
		return nil, err
	}
	storage, err := structAt(body, 0)
	if err != nil {
		return nil, err
	}
	host, err := textAt(storage, 0)
	if err != nil {
		return nil, err
	}
	scheme, err := textAt(storage, 1)
	if err != nil || host == "" {
		return Echo{}, err
	}
	if scheme == "" {
		scheme = "tcp" // Releases up to 2.1.10 know no other and do not say so.
	}
	return Echo{Storage: scheme + "://" + host + portOf(scheme, wire.StorageAddress(storage).Port())}, nil
}

// portOf returns nothing for ipc, where the host is a path.
func portOf(scheme string, port uint16) string {
	if scheme == "ipc" {
		return ""
	}
	return ":" + strconv.Itoa(int(port))
}

func decodeClientDisconnect(root wire.Frame) (Message, error) {
	body, err := bodyOf(root)
	return ClientDisconnect{Shutdown: wire.ClientDisconnect(body).Type() == wire.DisconnectType_shutdown}, err
}

func bodyOf(root wire.Frame) (capnp.Struct, error) { return structAt(capnp.Struct(root), 0) }
