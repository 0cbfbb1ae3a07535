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

// topManager adapts a manager for package top.
type topManager struct{ client.Found }

func (s topManager) Ask(ctx context.Context) (state.Manager, error) {
	answer, err := s.Status(ctx, false)
	return answer.Value, err
}

func (p *program) top() *cobra.Command {
	interval := 1.0
	command := &cobra.Command{
		Use: "top [MANAGER]", Short: "Show a manager and its workers live in the terminal",
		Long: `Shows a manager and its workers live in the terminal. Memory is that of the processors: PSS, or RSS if the
manager does not read PSS; RSS counts shared pages in every process.

Keys: c, m, t and n sort by CPU, memory, age of the task and number; r reverses the order; arrows, PgUp, PgDn, Home
and End scroll; Tab switches to the next manager; q quits.`,
		Example: "  scaler-native top\n  scaler-native top 4711 --interval 5",
		Args:    argCount(0, 1, "at most one manager"), ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			switch {
			case p.json:
				return usageError{fmt.Errorf("top does not support --json; use %s status", Name)}
			case !(interval >= 0.1 && interval < 1e6):
				return usageError{errors.New("--interval must be at least 0.1 seconds")}
			case !isTerminal(os.Stdout):
				return usageError{fmt.Errorf("top needs a terminal; without one use %s status", Name)}
			}
			ctx, cancel := signal.NotifyContext(command.Context(), syscall.SIGTERM, syscall.SIGHUP)
			defer cancel()
			return p.show(ctx, names, time.Duration(interval*float64(time.Second)))
		},
	}
	command.Flags().Float64Var(&interval, "interval", interval, "refresh every `SECONDS`")
	return command
}

func (p *program) show(ctx context.Context, names []string, interval time.Duration) error {
	list, err := p.selectManagers(ctx, names)
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
	// Deferred, so that a panic restores the terminal too.
	defer screen.Fini()
	first := list
	managers := func(ctx context.Context) (managers []top.Manager) {
		found := first
		if first == nil {
			found, _ = p.findManagers(ctx)
		}
		first = nil
		for _, manager := range found {
			managers = append(managers, topManager{manager})
		}
		return managers
	}
	top.Run(ctx, screen, top.Options{Interval: interval, Colors: p.colors, Managers: managers})
	return nil
}

// newScreen opens the terminal. tcell knows few values of TERM; others are treated as xterm, which nearly all emulate.
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
