package config

import "strings"

// Kind says which values an option takes.
type Kind int

const (
	// Text is any string.
	Text Kind = iota
	// Integer is a whole number of 64 bits.
	Integer
	// Seconds is a whole number on the command line. In a file it may have a fraction: there Scaler does not convert
	// numbers.
	Seconds
	// Number may have a fraction in every source.
	Number
	// Flag takes no value on the command line.
	Flag
	// Choice is one of Option.Choices.
	Choice
	// Address is the address of a scheduler or an object storage server.
	Address
	// CapabilityList is "linux,cpu=4".
	CapabilityList
	// TextList takes any number of arguments on the command line, an array or a single string in a file.
	TextList
	// CommaList is "a,b" on the command line, an array or such a string in a file.
	CommaList
	// CPUs is an affinity.Policy.
	CPUs
	// Size is a number of bytes, or a number with a unit: see size.Parse.
	Size
	// Variables is a list of NAME=VALUE: one for each occurrence on the command line, an array or a single string in a
	// file.
	Variables
	// HostPort is an Endpoint.
	HostPort
)

// Release is a series of Scaler releases that have the same options, named after its first tested release. Later series
// are larger.
type Release int

const (
	// Release126 is Scaler 1.26 and 1.27.
	Release126 Release = iota
	// Release20 is Scaler 2.0 to 2.3.
	Release20
	// Release26 brought the TLS options.
	Release26
	// Release29 brought the scale-down cooldown.
	Release29
	// Native marks options that only this program has.
	Native
)

// Newest is the newest known series.
const Newest = Release29

// Name is one spelling of an option on the command line.
type Name struct {
	Text  string
	Since Release
	Until Release
}

// In reports whether the release has the name.
func (n Name) In(release Release) bool { return n.Since <= release && release <= n.Until }

// Range is the range of a number.
type Range struct {
	Least float64
	// Above excludes Least itself.
	Above bool
	// Most is 0 for no upper bound.
	Most float64
}

// Option is a row of the table. To add an option, add a row and a field of Config.
type Option struct {
	// Key is the name in a file and in the dump. On the command line it is "--" and the key with hyphens.
	Key   string
	Short string
	Kind  Kind
	// Default is nil, a value of the kind, or a function of the values of the other options.
	Default any
	// DefaultText describes a Default that is computed.
	DefaultText string
	Choices     []string
	// FileSpellings are values that Scaler accepts in files only, and what they mean.
	FileSpellings map[string]string
	Range         *Range
	NotEmpty      bool
	// LinuxOnly refuses all values but the default on other systems.
	LinuxOnly  bool
	Positional bool
	// Action does something instead of setting a value, and cannot be in a file.
	Action bool
	// OptionalValue allows "--name=value" beside "--name" for an Action.
	OptionalValue bool
	// Environment is a variable that holds the value.
	Environment string
	Group       Group
	Help        string
	// Placeholder stands for the value in the help.
	Placeholder string
	Since       Release
	// Renamed are earlier and second names on the command line, RenamedKey an earlier key in a file.
	Renamed    []Name
	RenamedKey string
}

// Long returns the name on the command line, or the key of a positional argument.
func (o *Option) Long() string {
	if o.Positional {
		return o.Key
	}
	return "--" + strings.ReplaceAll(o.Key, "_", "-")
}

// Names returns all spellings on the command line, the current ones first.
func (o *Option) Names() []Name {
	if o.Positional {
		return nil
	}
	names := []Name{{Text: o.Long(), Since: o.Since, Until: Native}}
	if o.Short != "" {
		names = append(names, Name{Text: o.Short, Since: o.Since, Until: Native})
	}
	return append(names, o.Renamed...)
}

// Title names the option in a message, as argparse does: "--mode" or "--max-task-concurrency/-mtc".
func (o *Option) Title() string {
	if o.Positional || o.Short == "" {
		return o.Long()
	}
	return o.Long() + "/" + o.Short
}

// Find returns the row of a TOML key, which may be an earlier key and may have hyphens.
func Find(key string) (*Option, bool) {
	key = hyphenless(key)
	for i := range table {
		o := &table[i]
		if !o.Action && (o.Key == key || o.RenamedKey == key && key != "") {
			return o, true
		}
	}
	return nil, false
}

// hyphenless is the form in which keys are compared.
func hyphenless(key string) string { return strings.ReplaceAll(key, "-", "_") }

// Options returns the rows of the table. They are shared: do not change them.
func Options() []*Option {
	rows := make([]*Option, len(table))
	for i := range table {
		rows[i] = &table[i]
	}
	return rows
}
