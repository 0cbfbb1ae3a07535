package message

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/message/frame"
)

// ErrMalformed is returned for a frame that is no message, or one that is cut or corrupt.
var ErrMalformed = frame.ErrMalformed

// ErrTooLarge is returned for a frame or message beyond MaxFrame or MaxEntries.
var ErrTooLarge = frame.ErrTooLarge

// ErrNoResponse is returned for a response in a dialect that has none.
var ErrNoResponse = errors.New("commands are not answered in this protocol")

// UnexpectedTagError is returned for a well-formed message that is neither an echo nor
// a command in the codec's own dialect.
type UnexpectedTagError struct {
	Tag uint16
	// Dialects are the other ones in which it is an echo or a command, oldest first.
	// None means that it is some message that no manager should get.
	Dialects []Dialect
	// Published means that it is a message that schedulers publish to their monitors, which a worker manager only gets
	// from a monitor's port.
	Published bool
}

func (c Codec) unexpectedTag(tag uint16) *UnexpectedTagError {
	return &UnexpectedTagError{Tag: tag, Published: c.dialect.publishes(tag), Dialects: slices.DeleteFunc(slices.Clone(Dialects), func(d Dialect) bool {
		return tag != d.Tags().Echo && tag != d.Tags().Command
	})}
}

func (e *UnexpectedTagError) Error() string {
	if len(e.Dialects) == 0 {
		return fmt.Sprintf("cannot use message %d: it is not for a worker manager", e.Tag)
	}
	var releases []string
	for _, dialect := range e.Dialects {
		releases = append(releases, dialect.Releases())
	}
	return fmt.Sprintf("cannot use message %d: it belongs to the protocol of Scaler %s", e.Tag, strings.Join(releases, ", "))
}
