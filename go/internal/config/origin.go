package config

import "fmt"

// Source is a place that values come from, in order of increasing precedence.
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
	// Name is the file, the variable, or the option as it was written.
	Name string
	// Line counts from 1; 0 if it is not known.
	Line int
}

// String returns the origin for people: "default", "config.toml:12", "$SCALER_PYTHON", "-mtc".
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
