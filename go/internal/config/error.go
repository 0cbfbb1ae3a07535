package config

import "fmt"

// The exit statuses of Scaler's command.
const (
	// StatusInvalid is for a value out of its range and for a file that cannot be used.
	StatusInvalid = 1
	// StatusUnreadable is for a value that is not of its option's type.
	StatusUnreadable = 2
)

// Error is a configuration that cannot be used.
type Error struct {
	// Origin is where the value stands; for a fault of a whole file only the name is set.
	Origin Origin
	// Key is empty when no single option is at fault.
	Key    string
	Reason string
	// Status is the exit status, StatusInvalid or StatusUnreadable.
	Status int
}

func (e *Error) Error() string {
	text := e.Reason
	if e.Key != "" {
		text = e.Key + ": " + text
	}
	switch e.Origin.Source {
	case FromFile, FromEnvironment:
		return fmt.Sprintf("%s: %s", e.Origin, text)
	default:
		return text
	}
}
