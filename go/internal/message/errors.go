package message

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/message/frame"
)

// ErrMalformed means that a frame is not a message, or is truncated or corrupt.
var ErrMalformed = frame.ErrMalformed

// ErrTooLarge means that a frame or message exceeds MaxFrame or MaxEntries.
var ErrTooLarge = frame.ErrTooLarge

// ErrNoResponse means that the dialect has no responses.
var ErrNoResponse = errors.New("this protocol has no responses")

// UnexpectedTagError means that a well-formed message is neither an echo nor a command in the codec's dialect.
type UnexpectedTagError struct {
	Tag uint16
	// Dialects are the dialects in which it is an echo or a command, oldest first. If empty, the message is not meant for
	// worker managers.
	Dialects []Dialect
	// Published: it is a message for monitors, so that the address is probably that of a monitor port.
	Published bool
}

func (c Codec) unexpectedTag(tag uint16) *UnexpectedTagError {
	dialects := slices.DeleteFunc(slices.Clone(Dialects), func(d Dialect) bool {
		return tag != d.Tags().Echo && tag != d.Tags().Command
	})
	return &UnexpectedTagError{Tag: tag, Published: c.dialect.publishes(tag), Dialects: dialects}
}

func (e *UnexpectedTagError) Error() string {
	if len(e.Dialects) == 0 {
		return fmt.Sprintf("unexpected message %d: not a message for worker managers", e.Tag)
	}
	var releases []string
	for _, dialect := range e.Dialects {
		releases = append(releases, dialect.Releases())
	}
	return fmt.Sprintf("unexpected message %d: it is from the protocol of Scaler %s", e.Tag, strings.Join(releases, ", "))
}
