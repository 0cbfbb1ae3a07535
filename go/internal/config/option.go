package config

import "strings"

// Kind says which values an option takes.
type Kind int

const (
	// Text is any string.
	Text Kind = iota
	// Integer is a whole number of 64 bits.
	Integer
	// Seconds is a whole number on the command line; in a file it may have a fraction, because Scaler takes the number
	// of a file as it stands.
	Seconds
	// Number is a number that may have a fraction in every source.
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
	// Size is a number of bytes, which a unit may follow: see memory.ParseSize.
	Size
	// Variables is a list of NAME=VALUE: one argument at a time on the command line, an array or a single string in a
	// file.
	Variables
	// HostPort is an Endpoint.
	HostPort
)

// Release is a line of Scaler releases that changed the options, in the order of time. Each is named after the first
// tested release that has the change.
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
	// Native marks the options that only this program has.
	Native
)

// Newest is the newest release of Scaler whose options are known.
const Newest = Release29

// Name is one spelling of an option on the command line.
type Name struct {
	Text  string
	Since Release
	Until Release
}

// In says whether the release knows the name.
func (n Name) In(release Release) bool { return n.Since <= release && release <= n.Until }

// Range is what a number must satisfy.
type Range struct {
	Least float64
	// Above means that Least itself is too small.
	Above bool
	// Most is 0 where there is no upper bound.
	Most float64
}

// Option is one row of the table. A new option is a row here and a field of Config.
type Option struct {
	// Key names the option in a file and in the dump; the long name on the command line is "--" and the key with hyphens.
	Key   string
	Short string
	Kind  Kind
	// Default is nil (unset), a value of the kind, or a function of the values that are already settled.
	Default any
	// DefaultText describes a Default that is computed.
	DefaultText string
	Choices     []string
	// FileSpellings are values that Scaler takes from a file only, and what they mean.
	FileSpellings map[string]string
	Range         *Range
	NotEmpty      bool
	// LinuxOnly refuses every value but the default on other systems.
	LinuxOnly  bool
	Positional bool
	// Actions are options that do something instead of setting a value; no file can hold them.
	Action bool
	// OptionalValue allows "--name=value" beside "--name" for an Action.
	OptionalValue bool
	// Environment is a variable that gives the value.
	Environment string
	Group       Group
	Help        string
	// Placeholder stands for the value in the help.
	Placeholder string
	Since       Release
	// Renamed are earlier or second names on the command line, RenamedKey the earlier key in a file.
	Renamed    []Name
	RenamedKey string
}

// Long returns the option's name on the command line, or the bare key of a positional one.
func (o *Option) Long() string {
	if o.Positional {
		return o.Key
	}
	return "--" + strings.ReplaceAll(o.Key, "_", "-")
}

// Names returns every spelling that the command line accepts, the present ones first.
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

// Find returns the row of a TOML key, present or earlier, whose words may be joined by hyphens.
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

// hyphenless returns the form in which keys of a file are compared.
func hyphenless(key string) string { return strings.ReplaceAll(key, "-", "_") }

// Options returns the table. The rows are shared: do not change them.
func Options() []*Option {
	rows := make([]*Option, len(table))
	for i := range table {
		rows[i] = &table[i]
	}
	return rows
}
