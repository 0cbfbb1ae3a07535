package message

import (
	"fmt"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message/frame"
	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

// Codec encodes and decodes the messages of a dialect. It has no state.
type Codec struct {
	tags    Tags
	dialect Dialect
}

// NewCodec makes a codec with the tags of the installed Scaler, which usually are those of the dialect.
func NewCodec(tags Tags, dialect Dialect) Codec { return Codec{tags: tags, dialect: dialect} }

// Dialect returns the codec's dialect.
func (c Codec) Dialect() Dialect { return c.dialect }

// Heartbeat encodes a heartbeat. Up to 8 KiB, the frame is byte for byte that of Scaler. Beyond, Scaler uses a second
// segment; this does not.
func (c Codec) Heartbeat(heartbeat Heartbeat) ([]byte, error) {
	encoded, err := encode(c.tags.Heartbeat, func(segment *capnp.Segment) (capnp.Ptr, error) {
		body, err := wire.NewHeartbeat(segment)
		if err != nil {
			return capnp.Ptr{}, err
		}
		return body.ToPtr(), writeHeartbeat(body, heartbeat)
	})
	if err != nil {
		return nil, fmt.Errorf("cannot encode heartbeat: %w", err)
	}
	return encoded, nil
}

// Response encodes the answer to a command, with the same layout as Scaler. The error is ErrNoResponse in a dialect
// without responses.
func (c Codec) Response(response Response) ([]byte, error) {
	if c.tags.Response == NoTag {
		return nil, fmt.Errorf("cannot encode response: %w", ErrNoResponse)
	}
	encoded, err := encode(c.tags.Response, func(segment *capnp.Segment) (capnp.Ptr, error) {
		body, err := wire.NewResponse(segment)
		if err != nil {
			return capnp.Ptr{}, err
		}
		return body.ToPtr(), writeResponse(body, response)
	})
	if err != nil {
		return nil, fmt.Errorf("cannot encode response: %w", err)
	}
	return encoded, nil
}

// encode makes a frame. The order of allocations here and below determines the layout of the frame. It is that of
// upstream (all seven releases in schema/golden).
func encode(tag uint16, body func(*capnp.Segment) (capnp.Ptr, error)) ([]byte, error) {
	return frame.Make(tag, MaxFrame, body)
}

func writeHeartbeat(body wire.Heartbeat, heartbeat Heartbeat) error {
	body.SetMaxTaskConcurrency(heartbeat.MaxTaskConcurrency)
	if err := writeCapabilities(heartbeat.Capabilities, body.NewCapabilities); err != nil {
		return err
	}
	return body.SetManagerID(frame.Present(heartbeat.ManagerID))
}

func writeResponse(body wire.Response, response Response) error {
	if len(response.WorkerIDs) > MaxEntries {
		return fmt.Errorf("%w: %d worker ids", ErrTooLarge, len(response.WorkerIDs))
	}
	ids, err := body.NewWorkerIDs(int32(len(response.WorkerIDs)))
	if err != nil {
		return err
	}
	for i, id := range response.WorkerIDs {
		if err := ids.Set(i, frame.Present(id)); err != nil {
			return err
		}
	}
	body.SetAction(wire.Action(response.Action))
	body.SetStatus(wire.Status(response.Status))
	return writeCapabilities(response.Capabilities, body.NewCapabilities)
}

func writeCapabilities(capabilities []Capability, newList func(int32) (wire.Capability_List, error)) error {
	if len(capabilities) > MaxEntries {
		return fmt.Errorf("%w: %d capabilities", ErrTooLarge, len(capabilities))
	}
	list, err := newList(int32(len(capabilities)))
	if err != nil {
		return err
	}
	for i, capability := range capabilities {
		element := list.At(i)
		// The generated setter would omit an empty name, which upstream writes.
		if err := capnp.Struct(element).SetNewText(0, capability.Name); err != nil {
			return err
		}
		element.SetValue(capability.Value)
	}
	return nil
}
