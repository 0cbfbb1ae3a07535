package selfcheck

import (
	"fmt"
	"reflect"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

// Frames returns the samples that an agent sends, by name, as encoded here.
func Frames(codec protocol.Codec) (map[string][]byte, error) {
	all, err := samples()
	if err != nil {
		return nil, err
	}
	frames := map[string][]byte{}
	for _, sample := range all {
		frame, err := sample.sent(codec)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", sample.Name, err)
		}
		if frame != nil {
			frames[sample.Name] = frame
		}
	}
	return frames, nil
}

// Compare decodes the frames that the installed Scaler encoded from the samples. The error names the first message and
// field that differ.
func Compare(codec protocol.Codec, frames map[string][]byte) error {
	all, err := samples()
	if err != nil {
		return err
	}
	for _, sample := range all {
		frame, found := frames[sample.Name]
		want := sample.received()
		switch {
		case !found && sample.Kind == "disconnectResponse": // it went with 2.7.0
			continue
		case !found:
			return fmt.Errorf("message %s is missing", sample.Kind)
		case want == nil:
			continue
		}
		got, err := codec.Decode(frame)
		if err != nil {
			return fmt.Errorf("%s: %w", sample.Name, err)
		}
		if different := difference(got, want); different != "" {
			return fmt.Errorf("%s: %s", sample.Name, different)
		}
	}
	return nil
}

func difference(got, want protocol.Message) string {
	found, expected := reflect.ValueOf(got), reflect.ValueOf(want)
	if found.Type() != expected.Type() {
		return fmt.Sprintf("it decodes as %s, not %s", found.Type().Name(), expected.Type().Name())
	}
	for i := range found.NumField() {
		name := found.Type().Field(i).Name
		if name == "Frame" { // the decoder's input
			continue
		}
		if is, be := text(found.Field(i)), text(expected.Field(i)); is != be {
			return fmt.Sprintf("%s is %s, not %s", name, is, be)
		}
	}
	return ""
}

// text treats an empty list or id like a missing one.
func text(value reflect.Value) string {
	if kind := value.Kind(); kind == reflect.String || kind == reflect.Slice {
		return fmt.Sprintf("%q", value.Interface())
	}
	return fmt.Sprint(value.Interface())
}
