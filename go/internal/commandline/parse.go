package commandline

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/exitstatus"
)

// Program is the name of the command.
const Program = "scaler_worker_manager"

// Action is what the command line asks for.
type Action int

const (
	// Run starts the worker manager with Outcome.Config.
	Run Action = iota
	// Help, DryRun and Completion print Outcome.Output and end with status 0.
	Help
	DryRun
	Completion
	// Version prints the version, which is up to the caller.
	Version
	// HandOver replaces this process with Scaler's own program, for a subcommand of that.
	HandOver
)

// Outcome is the result of a valid command line.
type Outcome struct {
	Action Action
	// Subcommand is empty for help or the version of the program as a whole.
	Subcommand string
	// Config is set for Run and DryRun.
	Config *config.Config
	// Output is for standard output, and ends with a line break.
	Output string
	// Warnings are lines about the configuration file, for standard error.
	Warnings []string
}

// UsageError is an invalid command line. The exit status is exitstatus.Usage.
type UsageError struct {
	Usage string
	// Message has a line for each fault.
	Message string
}

func (e *UsageError) Error() string { return e.Message }

// Report returns what to write to standard error about an error of Parse, and the exit status.
func Report(err error) (text string, status int) {
	for _, line := range strings.Split(err.Error(), "\n") {
		text += fmt.Sprintf("%s: error: %s\n", Program, line)
	}
	var usage *UsageError
	var faults config.Errors
	var fault *config.Error
	switch {
	case errors.As(err, &usage):
		return usage.Usage + "\n" + text, exitstatus.Usage
	case errors.As(err, &faults):
		return text, faults.Status()
	case errors.As(err, &fault):
		return text, fault.Status
	}
	return text, exitstatus.Failed
}

// Like argparse's actions for these options, they end the second pass.
var (
	errHelp    = errors.New("help was asked for")
	errVersion = errors.New("the version was asked for")
)

// Parse parses the arguments after the program's name. The error is a *UsageError, a config.Errors or a *config.Error.
func Parse(arguments []string, environment func(string) (string, bool)) (Outcome, error) {
	first, err := readFirst(arguments)
	if err != nil {
		return Outcome{}, &UsageError{usage, err.Error()}
	}
	switch {
	case first.subcommand == config.ManagerType:
		return parseNative(first, environment)
	case first.subcommand == completionCommand:
		return parseCompletion(first.rest)
	case first.found:
		return Outcome{Action: HandOver, Subcommand: first.subcommand}, nil
	case slices.Contains(first.rest, "--version") || slices.Contains(first.rest, "-V"):
		return Outcome{Action: Version}, nil
	case slices.Contains(first.rest, "-h") || slices.Contains(first.rest, "--help"):
		return Outcome{Action: Help, Output: overallHelp}, nil
	}
	return Outcome{}, &UsageError{usage, "a subcommand is required, e.g. " + config.ManagerType}
}

// first is the result of the first pass.
type first struct {
	file       string
	subcommand string
	found      bool
	rest       []string
}

// readFirst finds --config, wherever it is, and the subcommand: the first argument that is not an option. As in Scaler,
// that may be the value of an unknown option before the subcommand.
func readFirst(arguments []string) (first, error) {
	var f first
	file := &option{
		names: []config.Name{{Text: "--config", Until: config.Native}, {Text: "-c", Until: config.Native}},
		title: "--config/-c",
		arity: one,
		take: func(_ string, values []string) error {
			f.file = values[0]
			return nil
		},
	}
	subcommand := &option{title: "subcommand", arity: one, take: func(_ string, values []string) error {
		f.subcommand, f.found = values[0], true
		return nil
	}}
	p := parser{options: []*option{file}, positional: subcommand}
	rest, err := p.parse(arguments)
	f.rest = rest
	return f, err
}

func parseNative(f first, environment func(string) (string, bool)) (Outcome, error) {
	outcome := Outcome{Subcommand: f.subcommand}
	sources := config.Sources{Environment: environment}
	if f.file != "" {
		section, err := config.ReadFile(f.file)
		if err != nil {
			return outcome, err
		}
		sources.Section, outcome.Warnings = section, section.Warnings
	}
	second, err := readSecond(f.rest)
	switch {
	case errors.Is(err, errHelp):
		outcome.Action, outcome.Output = Help, nativeHelp()
		return outcome, nil
	case errors.Is(err, errVersion):
		outcome.Action = Version
		return outcome, nil
	case err != nil:
		return outcome, &UsageError{nativeUsage, err.Error()}
	}
	sources.Arguments = second.arguments
	outcome.Config, err = config.Load(sources)
	if err != nil || second.dryRun == "" {
		return outcome, err
	}
	outcome.Action = DryRun
	outcome.Output, err = describe(outcome.Config, second.dryRun)
	return outcome, err
}

// second is the result of the second pass.
type second struct {
	arguments map[string]config.Argument
	// dryRun is empty, "values" or "origins".
	dryRun string
	// faults are messages about invalid values.
	faults []string
}

func readSecond(arguments []string) (second, error) {
	found := second{arguments: map[string]config.Argument{}}
	extras, err := newSecondParser(&found).parse(arguments)
	switch {
	case len(found.faults) == 0 && (errors.Is(err, errHelp) || errors.Is(err, errVersion)):
		return found, err
	case err != nil && !errors.Is(err, errHelp) && !errors.Is(err, errVersion):
		found.faults = append(found.faults, err.Error())
	case len(extras) > 0:
		found.faults = append(found.faults, "unrecognized arguments: "+strings.Join(extras, " ")+suggestion(extras))
	}
	if len(found.faults) > 0 {
		return found, errors.New(strings.Join(found.faults, "\n"))
	}
	return found, nil
}

// suggestion suggests a known option for the first unknown one.
func suggestion(extras []string) string {
	for _, extra := range extras {
		if strings.HasPrefix(extra, "--") {
			return config.SuggestOption(extra)
		}
	}
	return ""
}

// newSecondParser makes a parser for the table of options.
func newSecondParser(found *second) *parser {
	var p parser
	for _, row := range config.Options() {
		o := &option{names: row.Names(), title: row.Title(), arity: arityOf(row), take: found.taker(row)}
		if row.Positional {
			p.positional = o
		} else {
			p.options = append(p.options, o)
		}
	}
	return &p
}

func arityOf(row *config.Option) arity {
	switch {
	case row.OptionalValue:
		return attached
	case row.Kind == config.Flag:
		return none
	case row.Kind == config.TextList:
		return many
	}
	return one
}

// taker returns what an occurrence of the option does. The last occurrence counts, but all values must be valid. Those
// of Variables add up.
func (s *second) taker(row *config.Option) func(string, []string) error {
	return func(spelling string, values []string) error {
		switch row.Key {
		case "help":
			return errHelp
		case "version":
			return errVersion
		case "dry_run":
			return s.takeDryRun(row, values)
		}
		argument := config.Argument{Spelling: spelling}
		if row.Positional {
			argument.Spelling = "command line"
		}
		switch row.Kind {
		case config.Flag:
			argument.Value = true
		case config.TextList:
			argument.Value = slices.Clone(values)
		default:
			value, err := row.ParseText(values[0])
			if err != nil {
				// Go on: the user learns of all invalid values at once.
				s.faults = append(s.faults, (&argumentError{row.Title(), err}).Error())
				return nil
			}
			argument.Value = value
			if row.Kind == config.Variables {
				earlier, _ := s.arguments[row.Key].Value.([]string)
				argument.Value = append(earlier, value.([]string)...)
			}
		}
		s.arguments[row.Key] = argument
		return nil
	}
}

func (s *second) takeDryRun(row *config.Option, values []string) error {
	s.dryRun = "values"
	if len(values) > 0 {
		s.dryRun = values[0]
		if !slices.Contains(row.Choices, s.dryRun) {
			return fmt.Errorf("invalid choice %q (choose from %s)", s.dryRun, strings.Join(row.Choices, ", "))
		}
	}
	return nil
}

func describe(c *config.Config, form string) (string, error) {
	if form == "origins" {
		return c.TOML(), nil
	}
	text, err := c.MarshalJSON()
	return string(text) + "\n", err
}
