package commandline

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/config"
)

// arity is how many arguments an option takes.
type arity int

const (
	none arity = iota
	one
	many
	// attached is at most one, and only as "--name=value".
	attached
)

// option is what the parser knows of an option.
type option struct {
	names []config.Name
	title string
	arity arity
	// take is called for every occurrence, in order; its error ends the parsing.
	take func(spelling string, values []string) error
}

// parser is argparse's algorithm for options and one positional argument.
type parser struct {
	options    []*option
	positional *option
}

// match is an argument that was recognised as an option.
type match struct {
	option *option
	// name is the option's whole name, whatever abbreviation was written.
	name string
	// value is what was attached to the name.
	value    string
	attached bool
}

// negativeNumber is what may be a value although it begins with a hyphen.
var negativeNumber = regexp.MustCompile(`^-\d+$|^-\d*\.\d+$`)

// parse calls take for every option and the positional argument, and returns the arguments that belong to none.
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
	// matches has an entry for every argument: nil for a plain one or "--".
	matches []*match
	// separator is the index of the first "--", or -1.
	separator int
	// positional is nil once it has its value.
	positional *option
	extras     []string
}

// classify decides which arguments are options. Everything behind "--" is plain.
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

// lookUp returns nil for a plain argument and a match without an option for an unknown option.
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

// abbreviated finds the only option that the argument can mean. What one release of Scaler understands must not become
// ambiguous by the options of another or by our own, so each release's names are asked by themselves, newest first.
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

// candidates lists what the argument can mean in a release. Only a long name is cut at "="; a name of one hyphen and
// one letter may have its value right behind it.
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
