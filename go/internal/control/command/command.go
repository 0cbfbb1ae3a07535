// Package command is the program scaler-native, the client of the control API: it shows and controls the managers of
// this host.
package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/exitstatus"
)

// Name is the name of the program. The binary runs it if called by this name.
const Name = "scaler-native"

// socketVariable is the environment variable with the default of --socket.
const socketVariable = "SCALER_NATIVE_SOCKET"

const (
	statusOK       = exitstatus.OK
	statusFailed   = exitstatus.Failed
	statusUsage    = exitstatus.Usage
	statusNotFound = exitstatus.NotFound
	statusTimeout  = exitstatus.Timeout
)

const longHelp = `Shows and controls the worker managers of this host (scaler_worker_manager) and their workers.

MANAGER and WORKER are an id, a pid, or a unique part of an id, such as the last characters of a worker's id that
status and top show. Up to seven digits are a pid. If only one manager runs, MANAGER may be omitted. Only root and
the user that a manager runs as may access it. Sizes are in powers of 1024 (KiB, MiB, GiB).

Exit status:`

const examples = `  # what runs here, and what it is doing
  scaler-native status
  scaler-native top
  # finish running tasks, accept no more, and end, within ten minutes
  scaler-native drain --end --deadline 600 --wait
  # where a worker hangs
  scaler-native stacks 4711`

// program has the options and outputs that all commands share.
type program struct {
	out      *output
	errors   io.Writer
	colors   bool
	json     bool
	socket   string
	manager  string
	seconds  float64
	interval time.Duration // between polls of a command with --wait
}

// usageError is a usage error.
type usageError struct{ error }

// notFoundError is the error that a manager or worker does not exist.
type notFoundError struct{ error }

// Main runs the program with arguments as in os.Args and returns its exit status.
func Main(arguments []string) int {
	return Run(context.Background(), arguments[1:], os.Stdout, os.Stderr)
}

// Run runs the program with the arguments after its name and returns its exit status.
func Run(ctx context.Context, arguments []string, out, problems io.Writer) int {
	p := &program{
		out: &output{Writer: bufio.NewWriter(out)}, errors: problems, colors: colorful(out), interval: pollInterval,
	}
	root := p.root()
	root.SetArgs(replaceMinusOne(arguments))
	root.SetOut(p.out)
	root.SetErr(problems)
	err := root.ExecuteContext(ctx)
	if flushed := p.out.Flush(); err == nil && flushed != nil {
		err = fmt.Errorf("cannot write the output: %w", flushed)
	}
	if err == nil {
		return statusOK
	}
	p.report("error", err)
	return status(err)
}

// statuses lists the exit statuses for the help.
func statuses() string {
	var lines strings.Builder
	for _, row := range exitstatus.Control {
		fmt.Fprintf(&lines, "\n  %d  %s", row.Status, row.When)
	}
	return lines.String()
}

// Tree returns all commands, for docs/reference.md.
func Tree() *cobra.Command {
	return (&program{out: &output{Writer: bufio.NewWriter(io.Discard)}}).root()
}

func status(err error) int {
	var bad usageError
	var none notFoundError
	switch {
	case errors.As(err, &bad):
		return statusUsage
	case errors.As(err, &none), errors.Is(err, client.ErrNoManager), errors.Is(err, control.ErrNotFound):
		return statusNotFound
	case errors.Is(err, client.ErrTimeout):
		return statusTimeout
	}
	return statusFailed
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use: Name, Short: "Show and control worker managers", Long: longHelp + statuses(), Example: examples,
		SilenceErrors: true, SilenceUsage: true, DisableAutoGenTag: true,
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) > 0 {
				return usageError{fmt.Errorf("unknown command %q; see %s --help", arguments[0], Name)}
			}
			return nil
		},
		RunE: func(command *cobra.Command, _ []string) error {
			return usageError{fmt.Errorf("expected a command; see %s --help", Name)}
		},
		PersistentPreRunE: func(*cobra.Command, []string) error { return p.checkOptions() },
	}
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see %s --help", err, command.CommandPath())}
	})
	flags := root.PersistentFlags()
	flags.StringVarP(&p.manager, "manager", "m", "", "the `MANAGER`, if several run")
	flags.StringVar(&p.socket, "socket", os.Getenv(socketVariable),
		"the manager with this --control-socket `PATH` (environment: "+socketVariable+")")
	flags.BoolVar(&p.json, "json", false, "print the manager's answer as JSON, for scripts")
	flags.Float64Var(&p.seconds, "timeout", 10, "wait at most `SECONDS` for an answer")
	_ = root.RegisterFlagCompletionFunc("manager", p.completeManager)
	root.AddCommand(p.status(), p.top(), p.events(), p.logs(), p.stacks(),
		p.drain(), p.resume(), p.resize(), p.restart(), p.stop(), p.version())
	p.completion(root)
	return root
}

func (p *program) checkOptions() error {
	// Negated so that it catches NaN.
	if !(p.seconds > 0 && p.seconds < 1e9) {
		return usageError{errors.New("--timeout must be positive")}
	}
	if p.socket != "" && p.manager != "" {
		return usageError{errors.New("--socket and --manager both name a manager")}
	}
	return nil
}

func (p *program) timeout() time.Duration { return time.Duration(p.seconds * float64(time.Second)) }

// replaceMinusOne replaces -1, so that "resize -1" is not parsed as an option.
func replaceMinusOne(arguments []string) []string {
	list := append([]string(nil), arguments...)
	for i, argument := range list {
		if argument == "-1" {
			list[i] = unlimited
		}
	}
	return list
}

// argCount accepts least to most arguments.
func argCount(least, most int, what string) cobra.PositionalArgs {
	return func(command *cobra.Command, list []string) error {
		if len(list) < least || len(list) > most {
			return usageError{fmt.Errorf("expected %s; see %s --help", what, command.CommandPath())}
		}
		return nil
	}
}

// printJSON prints JSON on one line.
func (p *program) printJSON(text json.RawMessage) error {
	var line strings.Builder
	if err := compact(&line, text); err != nil {
		return err
	}
	return p.out.printLine("%s", line.String())
}
