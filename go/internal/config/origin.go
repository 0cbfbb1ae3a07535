package config

import "fmt"

// Source is a kind of place that values come from, in order of increasing precedence.
type Source int

const (
	FromDefault Source = iota
	FromFile
	FromEnvironment
	FromCommandLine
)

// Origin says where a value comes from.
type Origin struct {
	Source Source
	// Name is the file, the variable, or the option as the user spelled it.
	Name string
	// Line counts from 1. It is 0 if unknown.
	Line int
}

// String returns "default", "config.toml:12", "$SCALER_PYTHON" or "-mtc".
func (o Origin) String() string {
	switch {
	case o.Source == FromDefault:
		return "default"
	case o.Source == FromEnvironment:
		return "$" + o.Name
	case o.Source == FromFile && o.Line > 0:
		return fmt.Sprintf("%s:%d", o.Name, o.Line)
	default:
		return o.Name
	}
}
