package message

import (
	"bytes"
	"fmt"
	"slices"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message/frame"
	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

// Limits of a message that is decoded or encoded.
const (
	// MaxFrame is the largest frame in bytes. MaxEntries worker ids of the usual 50 to 70 bytes fit.
	MaxFrame = 8 << 20
	// MaxEntries is the largest total number of list entries in a frame.
	MaxEntries = 1 << 16
)

const (
	word = 8
	// Frame, command, requests, request, capabilities, capability, name, and one in reserve.
	maxDepth = 8
)

// Decode decodes a frame from a scheduler. The result does not refer to the frame. The error is ErrMalformed,
// ErrTooLarge or an *UnexpectedTagError. Memory use is at most a small multiple of the frame's size; see frame.Open.
func (c Codec) Decode(data []byte) (Message, error) {
	root, err := open(data)
	if err != nil {
		return nil, fmt.Errorf("cannot decode frame: %w", err)
	}
	switch tag := root.Tag(); tag {
	case c.tags.Echo:
		return Echo{}, nil
	case c.tags.Command:
		r := reader{entries: min(MaxEntries, len(data)/word)}
		command, err := r.command(root)
		if err != nil {
			return nil, fmt.Errorf("cannot decode command: %w", err)
		}
		return command, nil
	default:
		return nil, c.unexpectedTag(tag)
	}
}

// Published reports whether a frame is a message that schedulers publish to monitors, in any dialect.
func Published(data []byte) bool {
	root, err := open(data)
	return err == nil && slices.ContainsFunc(Dialects, func(d Dialect) bool { return d.publishes(root.Tag()) })
}

func open(data []byte) (wire.Frame, error) { return frame.Open(data, MaxFrame, maxDepth) }

// reader counts down the list entries that a frame may still have. Each valid entry takes at least a word of the
// frame, but the library also reads single bytes as structs.
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

// generationOf determines the layout of a command by the size of its struct. No release sends one without pointers;
// upstream would read it as a command with all defaults.
func generationOf(size capnp.ObjectSize) (Generation, error) {
	switch pointers := size.PointerCount; {
	case pointers == 0:
		return 0, fmt.Errorf("%w: an empty command", ErrMalformed)
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
			return nil, fmt.Errorf("%w: the name of a capability is not a text", ErrMalformed)
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
			return nil, fmt.Errorf("%w: a worker id is not data", ErrMalformed)
		}
		ids[i] = bytes.Clone(frame.Present(pointer.Data()))
	}
	return ids, nil
}

// list returns a list and subtracts its length from the entries, before anything is allocated for it.
func (r *reader) list(parent capnp.Struct, field uint16) (capnp.List, error) {
	pointer, err := parent.Ptr(field)
	if err != nil {
		return capnp.List{}, malformed(err)
	}
	list := pointer.List()
	if pointer.IsValid() && !list.IsValid() {
		return capnp.List{}, fmt.Errorf("%w: not a list", ErrMalformed)
	}
	// A corrupt length may be negative: the library reads the 30 bits as signed.
	if list.Len() < 0 {
		return capnp.List{}, fmt.Errorf("%w: a list with a negative length", ErrMalformed)
	}
	if r.entries -= list.Len(); r.entries < 0 {
		return capnp.List{}, fmt.Errorf("%w: too many list entries", ErrTooLarge)
	}
	return list, nil
}

func malformed(err error) error { return frame.Malformed(err) }
