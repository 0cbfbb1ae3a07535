// Package storage stores objects in Scaler's object storage. An agent does that when the processor of a task has died:
// the error for the client is an object.
package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/message/wire"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

const (
	// headerSize is the size in bytes of requests and responses: segment table, root pointer, three words, a pointer and
	// the id (1.26.6 to 2.9.0).
	headerSize = 80
	// requestID is the id of the only request on a connection.
	requestID = 1
)

// ErrAnswer matches errors about any other answer than that the object is set.
var ErrAnswer = errors.New("unexpected answer of the object storage")

// Set stores an object and waits for the server's answer. It opens a connection each time, since processors rarely die.
// options.Identity must be unique among connections; ctx limits the whole call.
func Set(
	ctx context.Context, at address.Address, options transport.Options, id protocol.ObjectID, payload []byte,
) error {
	header, err := request(id, len(payload))
	if err != nil {
		return fmt.Errorf("cannot store an object: %w", err)
	}
	connection, err := transport.DialStorage(ctx, at, options)
	if err != nil {
		return fmt.Errorf("cannot store an object: %w", err)
	}
	defer connection.Close()
	release := context.AfterFunc(ctx, func() { _ = connection.Close() })
	err = exchange(connection, header, id, payload)
	if !release() {
		// The object may have been stored or not: the caller has stopped waiting.
		err = context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("cannot store an object: %w", err)
	}
	return nil
}

func exchange(connection transport.Conn, header []byte, id protocol.ObjectID, payload []byte) error {
	if err := connection.Send(header); err != nil {
		return err
	}
	if err := connection.Send(payload); err != nil {
		return err
	}
	answer, err := connection.Receive()
	if err != nil {
		return err
	}
	return check(answer, id)
}

func request(id protocol.ObjectID, length int) ([]byte, error) {
	message, segment, err := capnp.NewMessage(capnp.SingleSegment(nil))
	if err != nil {
		return nil, err
	}
	defer message.Release()
	header, err := wire.NewRootStorageRequest(segment)
	if err != nil {
		return nil, err
	}
	header.SetPayloadLength(uint64(length))
	header.SetRequestID(requestID)
	header.SetOperation(wire.StorageOperation_set)
	object, err := header.NewObjectID()
	if err != nil {
		return nil, err
	}
	object.SetFirst(binary.BigEndian.Uint64(id[0:]))
	object.SetSecond(binary.BigEndian.Uint64(id[8:]))
	object.SetThird(binary.BigEndian.Uint64(id[16:]))
	object.SetFourth(binary.BigEndian.Uint64(id[24:]))
	return message.Marshal()
}

// check returns an error unless the answer says that the object of the request is set.
func check(answer []byte, id protocol.ObjectID) error {
	if len(answer) != headerSize {
		return fmt.Errorf("%w: %d bytes", ErrAnswer, len(answer))
	}
	message, err := capnp.Unmarshal(answer)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	response, err := wire.ReadRootStorageResponse(message)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	object, err := response.ObjectID()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	var got []byte
	for _, number := range []uint64{object.First(), object.Second(), object.Third(), object.Fourth()} {
		got = binary.BigEndian.AppendUint64(got, number)
	}
	if response.Answer() != wire.StorageAnswer_set || response.RequestID() != requestID || !bytes.Equal(got, id[:]) {
		return fmt.Errorf("%w: %s of object %x, request %d", ErrAnswer, response.Answer(), got, response.RequestID())
	}
	return nil
}
