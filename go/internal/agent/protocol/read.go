package protocol

import (
	"fmt"

	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message/frame"
)

// These functions read a field of a struct. A missing field is empty, as Cap'n Proto demands. A field of another kind
// is malformed; the library would return an empty value.

func structAt(parent capnp.Struct, field uint16) (capnp.Struct, error) {
	pointer, err := parent.Ptr(field)
	if err != nil {
		return capnp.Struct{}, frame.Malformed(err)
	}
	if pointer.IsValid() && !pointer.Struct().IsValid() {
		return capnp.Struct{}, fmt.Errorf("%w: field %d is not a struct", ErrMalformed, field)
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
		return nil, fmt.Errorf("%w: a field is not bytes", ErrMalformed)
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
		return "", fmt.Errorf("%w: field %d is not text", ErrMalformed, field)
	}
	return pointer.Text(), nil
}

// listAt reads a list of byte strings.
func listAt(parent capnp.Struct, field uint16) ([][]byte, error) {
	pointer, err := parent.Ptr(field)
	if err != nil {
		return nil, frame.Malformed(err)
	}
	list := pointer.List()
	if pointer.IsValid() && !list.IsValid() {
		return nil, fmt.Errorf("%w: field %d is not a list", ErrMalformed, field)
	}
	// A corrupt length may be negative, since the library treats its 30 bits as signed, and a list of empty structs may
	// have any length.
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
