// Package command is the program scaler-native: it shows the managers of this host and tells them what to do.
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

// Name is that by which the binary is this program.
const Name = "scaler-native"

// socketVariable names the socket of a manager that has it elsewhere.
const socketVariable = "SCALER_NATIVE_SOCKET"

const (
	statusDone    = exitstatus.Done
	statusFailed  = exitstatus.Failed
	statusMisuse  = exitstatus.Misuse
	statusMissing = exitstatus.NotFound
	statusTimeout = exitstatus.Timeout
)

const about = `Shows the worker managers of this host (scaler_worker_manager) and their workers, and tells them what to do.

A MANAGER is named by its id, its pid, or a part of its id that no other has. Where only one runs, it need not be
named. A WORKER is named by its id, its pid, or a part of its id that no other has, as its last characters, which
status and top show. Up to seven digits are a pid. Only the user that a manager runs as, and root, may ask it.

Exit status:`

const examples = `  # what runs here, and what it does
  scaler-native status
  scaler-native top
  # finish what runs, take nothing new, and end; at the latest in ten minutes
  scaler-native drain --end --deadline 600 --wait
  # where a worker hangs
  scaler-native stacks 4711`

// program is what all commands share: the options, and where they write.
type program struct {
	out     *output
	errors  io.Writer
	colors  bool
	json    bool
	socket  string
	manager string
	seconds float64
	// interval is how often a command that waits looks again.
	interval time.Duration
}

// misuse is a command line that cannot be used.
type misuse struct{ error }

// missing is a manager or a worker that is not there.
type missing struct{ error }

// Main runs the program with arguments as in os.Args and returns its exit status.
func Main(arguments []string) int {
	return Run(context.Background(), arguments[1:], os.Stdout, os.Stderr)
}

// Run runs the program with arguments that follow its name.
func Run(ctx context.Context, arguments []string, out, problems io.Writer) int {
	p := &program{out: &output{Writer: bufio.NewWriter(out)}, errors: problems, colors: colorful(out), interval: waitInterval}
	root := p.root()
	root.SetArgs(withoutNegative(arguments))
	root.SetOut(p.out)
	root.SetErr(problems)
	err := root.ExecuteContext(ctx)
	if flushed := p.out.Flush(); err == nil && flushed != nil {
		err = fmt.Errorf("cannot write: %w", flushed)
	}
	if err == nil {
		return statusDone
	}
	p.complain("error", err)
	return status(err)
}

// statuses is the end of the help.
func statuses() string {
	var lines strings.Builder
	for _, row := range exitstatus.Control {
		fmt.Fprintf(&lines, "\n  %d  %s", row.Status, row.When)
	}
	return lines.String()
}

// Tree is the tree of all commands, for docs/reference.md.
func Tree() *cobra.Command {
	return (&program{out: &output{Writer: bufio.NewWriter(io.Discard)}}).root()
}

func status(err error) int {
	var bad misuse
	var none missing
	switch {
	case errors.As(err, &bad):
		return statusMisuse
	case errors.As(err, &none), errors.Is(err, client.ErrNoManager), errors.Is(err, control.ErrNotFound):
		return statusMissing
	case errors.Is(err, client.ErrTimeout):
		return statusTimeout
	}
	return statusFailed
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use: Name, Short: "See and steer worker managers", Long: about + statuses(), Example: examples,
		SilenceErrors: true, SilenceUsage: true, DisableAutoGenTag: true,
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) > 0 {
				return misuse{fmt.Errorf("there is no command %q; %s --help lists them", arguments[0], Name)}
			}
			return nil
		},
		RunE: func(command *cobra.Command, _ []string) error {
			return misuse{fmt.Errorf("expected a command; %s --help lists them", Name)}
		},
		PersistentPreRunE: func(*cobra.Command, []string) error { return p.checkOptions() },
	}
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return misuse{fmt.Errorf("%w; see %s --help", err, command.CommandPath())}
	})
	flags := root.PersistentFlags()
	flags.StringVarP(&p.manager, "manager", "m", "", "the `MANAGER` to ask, where several run")
	flags.StringVar(&p.socket, "socket", os.Getenv(socketVariable),
		"the manager with --control-socket `PATH` (environment: "+socketVariable+")")
	flags.BoolVar(&p.json, "json", false, "print the JSON that managers answer with, for scripts")
	flags.Float64Var(&p.seconds, "timeout", 10, "wait at most so many `SECONDS` for an answer")
	_ = root.RegisterFlagCompletionFunc("manager", p.completeManager)
	root.AddCommand(p.status(), p.top(), p.events(), p.logs(), p.stacks(), p.drain(), p.resume(), p.resize(), p.restart(),
		p.stop(), p.version())
	p.completion(root)
	return root
}

func (p *program) checkOptions() error {
	// NaN is neither.
	if !(p.seconds > 0 && p.seconds < 1e9) {
		return misuse{fmt.Errorf("--timeout must be more than 0 seconds")}
	}
	if p.socket != "" && p.manager != "" {
		return misuse{errors.New("--socket and --manager both name a manager")}
	}
	return nil
}

func (p *program) patience() time.Duration { return time.Duration(p.seconds * float64(time.Second)) }

// withoutNegative has "resize -1" not taken for an option.
func withoutNegative(arguments []string) []string {
	list := append([]string(nil), arguments...)
	for i, argument := range list {
		if argument == "-1" {
			list[i] = unlimited
		}
	}
	return list
}

// arguments refuses another number of them than from least to most; most -1 is any.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(command *cobra.Command, list []string) error {
		if len(list) < least || most >= 0 && len(list) > most {
			return misuse{fmt.Errorf("expected %s; see %s --help", what, command.CommandPath())}
		}
		return nil
	}
}

// sayJSON prints what a manager has answered, on one line.
func (p *program) sayJSON(text json.RawMessage) error {
	var line strings.Builder
	if err := compact(&line, text); err != nil {
		return err
	}
	return p.out.say("%s", line.String())
}
