package message

import (
	"fmt"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

// Codec turns messages into frames and back, for one scheduler. It has no state.
type Codec struct {
	tags    Tags
	dialect Dialect
}

// NewCodec makes a codec with the tags that the installed Scaler has, usually those of
// the dialect itself.
func NewCodec(tags Tags, dialect Dialect) Codec { return Codec{tags: tags, dialect: dialect} }

// Dialect is the one that the codec was made for.
func (c Codec) Dialect() Dialect { return c.dialect }

// Heartbeat encodes a heartbeat. Up to 8 KiB the frame is byte for byte what Scaler
// sends for the same values; beyond, Scaler begins a second segment, this does not.
func (c Codec) Heartbeat(heartbeat Heartbeat) ([]byte, error) {
	frame, err := c.encode(c.tags.Heartbeat, func(segment *capnp.Segment) (capnp.Ptr, error) {
		body, err := wire.NewHeartbeat(segment)
		if err != nil {
			return capnp.Ptr{}, err
		}
		return body.ToPtr(), writeHeartbeat(body, heartbeat)
	})
	if err != nil {
		return nil, fmt.Errorf("cannot encode heartbeat: %w", err)
	}
	return frame, nil
}

// Response encodes the answer to a command, to the same layout as Heartbeat. It fails
// with ErrNoResponse in a dialect that has none.
func (c Codec) Response(response Response) ([]byte, error) {
	if c.tags.Response == NoTag {
		return nil, fmt.Errorf("cannot encode response: %w", ErrNoResponse)
	}
	frame, err := c.encode(c.tags.Response, func(segment *capnp.Segment) (capnp.Ptr, error) {
		body, err := wire.NewResponse(segment)
		if err != nil {
			return capnp.Ptr{}, err
		}
		return body.ToPtr(), writeResponse(body, response)
	})
	if err != nil {
		return nil, fmt.Errorf("cannot encode response: %w", err)
	}
	return frame, nil
}

// encode makes the frame around a body. Objects lie in the frame in the order in which
// they are made here and below, which is upstream's (all seven releases of schema/golden).
func (c Codec) encode(tag uint16, body func(*capnp.Segment) (capnp.Ptr, error)) ([]byte, error) {
	message, segment, err := capnp.NewMessage(capnp.SingleSegment(nil))
	if err != nil {
		return nil, err
	}
	defer message.Release()
	root, err := wire.NewRootFrame(segment)
	if err != nil {
		return nil, err
	}
	root.SetTag(tag)
	content, err := body(segment)
	if err != nil {
		return nil, err
	}
	if err := root.SetBody(content); err != nil {
		return nil, err
	}
	size, err := message.TotalSize()
	if err != nil {
		return nil, err
	}
	if size > MaxFrame {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	return message.Marshal()
}

func writeHeartbeat(body wire.Heartbeat, heartbeat Heartbeat) error {
	body.SetMaxTaskConcurrency(heartbeat.MaxTaskConcurrency)
	if err := writeCapabilities(heartbeat.Capabilities, body.NewCapabilities); err != nil {
		return err
	}
	return body.SetManagerID(present(heartbeat.ManagerID))
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
		if err := ids.Set(i, present(id)); err != nil {
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
		// Not the generated setter, which leaves out an empty name where upstream writes it.
		if err := capnp.Struct(element).SetNewText(0, capability.Name); err != nil {
			return err
		}
		element.SetValue(capability.Value)
	}
	return nil
}

// present keeps an empty value from being left out, as upstream writes it.
func present(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
