package commandline

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/config"
)

// arity is the number of arguments that an option takes.
type arity int

const (
	none arity = iota
	one
	many
	// attached is one at most, and only as "--name=value".
	attached
)

// option is an option, or the positional argument, of a parser.
type option struct {
	names []config.Name
	title string
	arity arity
	// take is called for each occurrence in order. An error from it ends the parse.
	take func(spelling string, values []string) error
}

// parser is argparse's algorithm, for options and one positional argument.
type parser struct {
	options    []*option
	positional *option
}

// match is an argument that was recognized as an option.
type match struct {
	option *option
	// name is the full name, even if the argument abbreviates it.
	name string
	// value is what is attached to the name.
	value    string
	attached bool
}

// negativeNumber matches values that begin with a hyphen.
var negativeNumber = regexp.MustCompile(`^-\d+$|^-\d*\.\d+$`)

// parse calls take for all options and the positional argument. It returns the arguments that are neither.
func (p *parser) parse(arguments []string) (extras []string, err error) {
	run := &run{parser: p, arguments: arguments, positional: p.positional}
	if err := run.classify(); err != nil {
		return nil, err
	}
	if err := run.consume(); err != nil {
		return nil, err
	}
	return run.extras, nil
}

// run is one pass over the arguments.
type run struct {
	*parser
	arguments []string
	// matches has an entry for each argument. It is nil for a plain one and for "--".
	matches []*match
	// separator is the index of the first "--", or -1.
	separator int
	// positional is nil once it has its value.
	positional *option
	extras     []string
}

// classify finds the options. All arguments after "--" are plain.
func (r *run) classify() error {
	r.matches = make([]*match, len(r.arguments))
	r.separator = -1
	for i, argument := range r.arguments {
		if argument == "--" {
			r.separator = i
			return nil
		}
		found, err := r.lookUp(argument)
		if err != nil {
			return err
		}
		r.matches[i] = found
	}
	return nil
}

// lookUp returns nil for a plain argument, and a match without an option for an unknown one.
func (p *parser) lookUp(argument string) (*match, error) {
	if len(argument) < 2 || argument[0] != '-' {
		return nil, nil
	}
	if o := p.named(argument); o != nil {
		return &match{option: o, name: argument}, nil
	}
	if name, value, ok := strings.Cut(argument, "="); ok {
		if o := p.named(name); o != nil {
			return &match{option: o, name: name, value: value, attached: true}, nil
		}
	}
	found, err := p.abbreviated(argument)
	if found != nil || err != nil {
		return found, err
	}
	if negativeNumber.MatchString(argument) || strings.Contains(argument, " ") {
		return nil, nil
	}
	return &match{}, nil
}

func (p *parser) named(name string) *option {
	for _, o := range p.options {
		for _, n := range o.names {
			if n.Text == name {
				return o
			}
		}
	}
	return nil
}

// abbreviated finds the one option that the argument can mean. An abbreviation that one release of Scaler understands
// must not become ambiguous through options of another release or of this program, so each release's names are tried by
// themselves, the newest first.
func (p *parser) abbreviated(argument string) (*match, error) {
	var ambiguous []match
	for release := config.Newest; release >= 0; release-- {
		switch candidates := p.candidates(argument, release); {
		case len(candidates) == 1:
			return &candidates[0], nil
		case len(candidates) > 1 && ambiguous == nil:
			ambiguous = candidates
		}
	}
	if ambiguous == nil {
		ambiguous = p.candidates(argument, config.Native)
	}
	switch len(ambiguous) {
	case 0:
		return nil, nil
	case 1:
		return &ambiguous[0], nil
	}
	names := make([]string, len(ambiguous))
	for i, candidate := range ambiguous {
		names[i] = candidate.name
	}
	return nil, fmt.Errorf("ambiguous option: %s could match %s", argument, strings.Join(names, ", "))
}

// candidates lists what the argument can mean in a release. Only long names are cut at "=". The value may directly
// follow a name of one hyphen and one letter.
func (p *parser) candidates(argument string, release config.Release) []match {
	var found []match
	prefix, value, attached := argument, "", false
	long := strings.HasPrefix(argument, "--")
	if long {
		prefix, value, attached = strings.Cut(argument, "=")
	}
	for _, o := range p.options {
		for _, name := range o.names {
			switch {
			case !name.In(release):
			case !long && name.Text == argument[:2]:
				found = append(found, match{o, name.Text, argument[2:], true})
			case strings.HasPrefix(name.Text, prefix):
				found = append(found, match{o, name.Text, value, attached})
			}
		}
	}
	return found
}
