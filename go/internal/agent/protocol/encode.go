package protocol

import (
	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message/frame"
	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

// TaskResult encodes a result for the scheduler.
func (c Codec) TaskResult(result TaskResult) ([]byte, error) {
	return encode("task result", c.tags.TaskResult, func(segment *capnp.Segment) (capnp.Ptr, error) {
		body, err := wire.NewTaskResult(segment)
		if err != nil {
			return capnp.Ptr{}, err
		}
		return body.ToPtr(), writeTaskResult(body, result)
	})
}

func writeTaskResult(body wire.TaskResult, result TaskResult) error {
	if err := checkEntries(len(result.Results)); err != nil {
		return err
	}
	if err := body.SetTaskID([]byte(result.TaskID)); err != nil {
		return err
	}
	body.SetType(wire.ResultType(result.Type))
	if err := body.SetMetadata(frame.Present(result.Metadata)); err != nil {
		return err
	}
	return writeList(result.Results, body.NewResults)
}

// TaskCancelConfirm encodes the answer to a TaskCancel.
func (c Codec) TaskCancelConfirm(taskID string, confirm Confirm) ([]byte, error) {
	return encode("confirmation", c.tags.TaskCancelConfirm, func(segment *capnp.Segment) (capnp.Ptr, error) {
		body, err := wire.NewTaskCancelConfirm(segment)
		if err != nil {
			return capnp.Ptr{}, err
		}
		body.SetConfirmation(wire.Confirmation(confirm))
		return body.ToPtr(), body.SetTaskID([]byte(taskID))
	})
}

// ObjectCreated tells the scheduler that a client (source) now has an object in the object storage.
func (c Codec) ObjectCreated(source string, object ObjectID, name []byte) ([]byte, error) {
	return encode("object instruction", c.tags.ObjectInstruction, func(segment *capnp.Segment) (capnp.Ptr, error) {
		body, err := wire.NewObjectInstruction(segment)
		if err != nil {
			return capnp.Ptr{}, err
		}
		body.SetType(wire.ObjectInstructionType_create)
		if err := body.SetUser([]byte(source)); err != nil {
			return capnp.Ptr{}, err
		}
		objects, err := body.NewObjects()
		if err != nil {
			return capnp.Ptr{}, err
		}
		return body.ToPtr(), writeObject(objects, object, name)
	})
}

func writeObject(objects wire.ObjectMetadata, object ObjectID, name []byte) error {
	if err := writeList([][]byte{object[:]}, objects.NewIds); err != nil {
		return err
	}
	types, err := objects.NewTypes(1)
	if err != nil {
		return err
	}
	types.Set(0, wire.ObjectType_object)
	return writeList([][]byte{name}, objects.NewNames)
}

func writeList(values [][]byte, make func(int32) (capnp.DataList, error)) error {
	list, err := make(int32(len(values)))
	if err != nil {
		return err
	}
	for i, value := range values {
		if err := list.Set(i, frame.Present(value)); err != nil {
			return err
		}
	}
	return nil
}
