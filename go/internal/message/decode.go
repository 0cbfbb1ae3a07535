package message

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

// Limits of a message, in both directions.
const (
	// MaxFrame is in bytes: MaxEntries worker ids of the usual 50 to 70 bytes fit.
	MaxFrame = 8 << 20
	// MaxEntries is for all lists of a frame together.
	MaxEntries = 1 << 16
)

const (
	word = 8
	// The stream reader of upstream's library has this limit too.
	maxSegments = 512
	// Frame, command, requests, request, capabilities, capability, name, and one to spare.
	maxDepth = 8
)

// Decode reads a frame from a scheduler. Nothing of the result refers to the frame.
// It fails with ErrMalformed, ErrTooLarge or an *UnexpectedTagError, and never takes
// memory beyond a small multiple of the frame's size.
//
// Whole words after the message are passed over, as all releases do; a frame that does
// not end on a word is refused, as in 1.26, 1.27 and from 2.6.0 on.
func (c Codec) Decode(frame []byte) (Message, error) {
	root, err := open(frame)
	if err != nil {
		return nil, fmt.Errorf("cannot decode frame: %w", err)
	}
	switch tag := root.Tag(); tag {
	case c.tags.Echo:
		return Echo{}, nil
	case c.tags.Command:
		r := reader{entries: min(MaxEntries, len(frame)/word)}
		command, err := r.command(root)
		if err != nil {
			return nil, fmt.Errorf("cannot decode command: %w", err)
		}
		return command, nil
	default:
		return nil, c.unexpectedTag(tag)
	}
}

// Published tells whether a frame is a message that schedulers publish to their monitors, in any dialect.
func Published(frame []byte) bool {
	root, err := open(frame)
	return err == nil && slices.ContainsFunc(Dialects, func(d Dialect) bool { return d.publishes(root.Tag()) })
}

func open(frame []byte) (wire.Frame, error) {
	if len(frame) > MaxFrame {
		return wire.Frame{}, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(frame))
	}
	if len(frame) < word || len(frame)%word != 0 {
		return wire.Frame{}, fmt.Errorf("%w: %d bytes are no whole words", ErrMalformed, len(frame))
	}
	// The library would make room for as many segments as the first bytes announce.
	if last := binary.LittleEndian.Uint32(frame); last >= maxSegments {
		return wire.Frame{}, fmt.Errorf("%w: over %d segments", ErrTooLarge, maxSegments)
	}
	message, err := capnp.Unmarshal(frame)
	if err != nil {
		return wire.Frame{}, malformed(err)
	}
	// Every object is read once below, so that all of them together are no more than the
	// frame, unless pointers share objects, which only a hostile peer does.
	message.TraverseLimit = uint64(len(frame))
	message.DepthLimit = maxDepth
	pointer, err := message.Root()
	if err != nil {
		return wire.Frame{}, malformed(err)
	}
	if !pointer.Struct().IsValid() {
		return wire.Frame{}, fmt.Errorf("%w: no root struct", ErrMalformed)
	}
	return wire.Frame(pointer.Struct()), nil
}

// reader counts down the entries that a frame may still have. Each honest one takes at
// least a word of the frame; the library would read single bytes as structs as well.
type reader struct{ entries int }

func (r *reader) command(root wire.Frame) (Command, error) {
	pointer, err := root.Body()
	if err != nil {
		return Command{}, malformed(err)
	}
	body := pointer.Struct()
	generation, err := generationOf(body.Size())
	if err != nil {
		return Command{}, err
	}
	command := Command{Generation: generation, Action: SetDesired}
	if generation == DeclarativeCommands {
		command.Requests, err = r.requests(body, 0)
		return command, err
	}
	command.Action = Action(wire.Command(body).Action())
	if command.WorkerIDs, err = r.ids(body, 0); err != nil {
		return Command{}, err
	}
	if command.Capabilities, err = r.capabilities(body, 1); err != nil {
		return Command{}, err
	}
	command.Requests, err = r.requests(body, 2)
	return command, err
}

// generationOf tells by the size of a command's struct who made it. No release sends
// one without pointers, which upstream itself would read as an order with all defaults.
func generationOf(size capnp.ObjectSize) (Generation, error) {
	switch pointers := size.PointerCount; {
	case pointers == 0:
		return 0, fmt.Errorf("%w: a command without content", ErrMalformed)
	case pointers == 1 || size.DataSize == 0:
		return DeclarativeCommands, nil
	case pointers == 2:
		return ImperativeCommands, nil
	default:
		return HybridCommands, nil
	}
}

func (r *reader) requests(parent capnp.Struct, field uint16) ([]Request, error) {
	list, err := r.list(parent, field)
	if err != nil || list.Len() == 0 {
		return nil, err
	}
	requests := make([]Request, list.Len())
	for i := range requests {
		element := list.Struct(i)
		requests[i].TaskConcurrency = wire.Request(element).TaskConcurrency()
		if requests[i].Capabilities, err = r.capabilities(element, 0); err != nil {
			return nil, err
		}
	}
	return requests, nil
}

func (r *reader) capabilities(parent capnp.Struct, field uint16) ([]Capability, error) {
	list, err := r.list(parent, field)
	if err != nil || list.Len() == 0 {
		return nil, err
	}
	capabilities := make([]Capability, list.Len())
	for i := range capabilities {
		element := list.Struct(i)
		name, err := element.Ptr(0)
		if err != nil {
			return nil, malformed(err)
		}
		if name.IsValid() && name.TextBytes() == nil {
			return nil, fmt.Errorf("%w: a capability's name is no text", ErrMalformed)
		}
		capabilities[i] = Capability{Name: name.Text(), Value: wire.Capability(element).Value()}
	}
	return capabilities, nil
}

func (r *reader) ids(parent capnp.Struct, field uint16) ([][]byte, error) {
	list, err := r.list(parent, field)
	if err != nil || list.Len() == 0 {
		return nil, err
	}
	ids := make([][]byte, list.Len())
	for i := range ids {
		pointer, err := capnp.PointerList(list).At(i)
		if err != nil {
			return nil, malformed(err)
		}
		if pointer.IsValid() && pointer.Data() == nil {
			return nil, fmt.Errorf("%w: a worker id is no data", ErrMalformed)
		}
		ids[i] = bytes.Clone(present(pointer.Data()))
	}
	return ids, nil
}

// list reads a list and takes its length off the entries, before any memory is.
func (r *reader) list(parent capnp.Struct, field uint16) (capnp.List, error) {
	pointer, err := parent.Ptr(field)
	if err != nil {
		return capnp.List{}, malformed(err)
	}
	list := pointer.List()
	if pointer.IsValid() && !list.IsValid() {
		return capnp.List{}, fmt.Errorf("%w: a list is none", ErrMalformed)
	}
	// A corrupt length may be negative: the library takes the 30 bits as signed.
	if list.Len() < 0 {
		return capnp.List{}, fmt.Errorf("%w: a list of negative length", ErrMalformed)
	}
	if r.entries -= list.Len(); r.entries < 0 {
		return capnp.List{}, fmt.Errorf("%w: too many list entries", ErrTooLarge)
	}
	return list, nil
}

func malformed(err error) error { return fmt.Errorf("%w: %w", ErrMalformed, err) }
