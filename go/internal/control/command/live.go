package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/spf13/cobra"

	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/control/top"
)

// shown is a manager as package top sees it.
type shown struct{ client.Found }

func (s shown) Ask(ctx context.Context) (state.Manager, error) {
	answer, err := s.Status(ctx, false)
	return answer.Value, err
}

func (p *program) top() *cobra.Command {
	interval := 1.0
	command := &cobra.Command{
		Use: "top [MANAGER]", Short: "Show a manager and its workers in the terminal, live",
		Long: `Shows a manager and its workers in the terminal, live. Memory is that of the processors: RSS, which counts
in each what they share, or PSS where the manager reads that itself. Keys: c, m, t and n sort by CPU, memory, age of
the task and number, r turns that round; arrows, PgUp, PgDn, Home and End scroll; Tab shows the next manager; q ends.`,
		Example: "  scaler-native top\n  scaler-native top 4711 --interval 5",
		Args:    arguments(0, 1, "at most one manager"), ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			switch {
			case p.json:
				return misuse{fmt.Errorf("top has no --json; %s status has", Name)}
			case !(interval >= 0.1 && interval < 1e6):
				return misuse{errors.New("--interval must be at least 0.1 seconds")}
			case !isTerminal(os.Stdout):
				return misuse{fmt.Errorf("top needs a terminal; %s status does not", Name)}
			}
			ctx, cancel := signal.NotifyContext(command.Context(), syscall.SIGTERM, syscall.SIGHUP)
			defer cancel()
			return p.show(ctx, names, time.Duration(interval*float64(time.Second)))
		},
	}
	command.Flags().Float64Var(&interval, "interval", interval, "ask each so many `SECONDS`")
	return command
}

func (p *program) show(ctx context.Context, names []string, interval time.Duration) error {
	list, err := p.some(ctx, names)
	if err != nil {
		return err
	}
	screen, err := newScreen()
	if err == nil {
		err = screen.Init()
	}
	if err != nil {
		return fmt.Errorf("cannot use this terminal (TERM is %q): %w", os.Getenv("TERM"), err)
	}
	// Also when this program panics: the terminal is to be of use to who reads why.
	defer screen.Fini()
	first := list
	top.Run(ctx, screen, top.Options{Interval: interval, Colors: p.colors, Managers: func(ctx context.Context) []top.Manager {
		found := first
		if first == nil {
			found, _ = p.here(ctx)
		}
		first = nil
		var managers []top.Manager
		for _, manager := range found {
			managers = append(managers, shown{manager})
		}
		return managers
	}})
	return nil
}

// newScreen is of the terminal that TERM names, or of one like xterm: nearly all are, and tcell knows a few by name.
func newScreen() (tcell.Screen, error) {
	screen, err := tcell.NewScreen()
	name := os.Getenv("TERM")
	if err == nil || name == "" || name == "dumb" {
		return screen, err
	}
	_ = os.Setenv("TERM", "xterm-256color")
	defer os.Setenv("TERM", name)
	return tcell.NewScreen()
}
