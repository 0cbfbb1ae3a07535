package config

import (
	"fmt"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/exitstatus"
)

// Error is one fault of a configuration.
type Error struct {
	// Origin is where the value comes from. For a fault of a whole file it has no line.
	Origin Origin
	// Key is empty if no single option is at fault.
	Key    string
	Reason string
	// Status is the exit status: exitstatus.Failed for a value out of range, exitstatus.Usage for a value of the wrong
	// type and a file that cannot be used.
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

// Errors are all faults of a configuration, in the order of the options. The message has one a line.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, fault := range e {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap is for errors.As.
func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i, fault := range e {
		list[i] = fault
	}
	return list
}

// Status is the exit status: exitstatus.Usage if any fault has it.
func (e Errors) Status() int {
	status := exitstatus.Failed
	for _, fault := range e {
		status = max(status, fault.Status)
	}
	return status
}
