package protocol

import (
	"fmt"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message/frame"
)

// What follows reads a field of a struct. One that is missing is empty, as Cap'n Proto wants; one of another kind is
// malformed, which the library would take for empty.

func structAt(parent capnp.Struct, field uint16) (capnp.Struct, error) {
	pointer, err := parent.Ptr(field)
	if err != nil {
		return capnp.Struct{}, frame.Malformed(err)
	}
	if pointer.IsValid() && !pointer.Struct().IsValid() {
		return capnp.Struct{}, fmt.Errorf("%w: field %d is no struct", ErrMalformed, field)
	}
	return pointer.Struct(), nil
}

func dataAt(parent capnp.Struct, field uint16) ([]byte, error) {
	pointer, err := parent.Ptr(field)
	if err != nil {
		return nil, frame.Malformed(err)
	}
	return dataOf(pointer)
}

func dataOf(pointer capnp.Ptr) ([]byte, error) {
	data := pointer.Data()
	if pointer.IsValid() && data == nil {
		return nil, fmt.Errorf("%w: bytes are none", ErrMalformed)
	}
	return data[:len(data):len(data)], nil
}

func idAt(parent capnp.Struct, field uint16) (string, error) {
	data, err := dataAt(parent, field)
	return string(data), err
}

func textAt(parent capnp.Struct, field uint16) (string, error) {
	pointer, err := parent.Ptr(field)
	if err != nil {
		return "", frame.Malformed(err)
	}
	if pointer.IsValid() && pointer.TextBytes() == nil {
		return "", fmt.Errorf("%w: field %d is no text", ErrMalformed, field)
	}
	return pointer.Text(), nil
}

// listAt reads a list of bytes.
func listAt(parent capnp.Struct, field uint16) ([][]byte, error) {
	pointer, err := parent.Ptr(field)
	if err != nil {
		return nil, frame.Malformed(err)
	}
	list := pointer.List()
	if pointer.IsValid() && !list.IsValid() {
		return nil, fmt.Errorf("%w: field %d is no list", ErrMalformed, field)
	}
	// A corrupt length may be negative: the library takes the 30 bits as signed. And a list of structs without a size
	// may have any length.
	if list.Len() < 0 || list.Len() > MaxEntries {
		return nil, fmt.Errorf("%w: a list of length %d", ErrTooLarge, list.Len())
	}
	if list.Len() == 0 {
		return nil, nil
	}
	values := make([][]byte, list.Len())
	for i := range values {
		element, err := capnp.PointerList(list).At(i)
		if err != nil {
			return nil, frame.Malformed(err)
		}
		if values[i], err = dataOf(element); err != nil {
			return nil, err
		}
	}
	return values, nil
}
