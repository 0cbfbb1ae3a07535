package command

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// pollInterval is the time between polls of a command with --wait.
const pollInterval = 250 * time.Millisecond

// poll polls the manager's state until wanted returns true or an error.
func (p *program) poll(
	ctx context.Context, m client.Found, wanted func(*state.Manager) (bool, error),
) (answer client.Answer[state.Manager], err error) {
	for {
		answer, err = m.Status(ctx, false)
		if errors.Is(err, client.ErrNoManager) || errors.Is(err, control.ErrEnded) {
			return answer, fmt.Errorf("the manager (pid %d) has ended", m.Pid())
		}
		if err != nil {
			return answer, err
		}
		if there, err := wanted(&answer.Value); there || err != nil {
			return answer, err
		}
		if err := p.pause(ctx); err != nil {
			return answer, err
		}
	}
}

func (p *program) pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(p.interval):
		return nil
	}
}

func (p *program) waitUntilDrained(ctx context.Context, m client.Found) (client.Answer[state.Manager], error) {
	return p.poll(ctx, m, func(now *state.Manager) (bool, error) {
		switch now.Phase {
		case state.Drained:
			return true, nil
		case state.Draining:
			return false, nil
		}
		return false, fmt.Errorf("the manager (pid %d) is no longer draining: it is %s", m.Pid(), now.Phase)
	})
}

// waitUntilEnded waits until the manager's process has ended, or until its socket is closed if the pid is unknown.
func (p *program) waitUntilEnded(ctx context.Context, m client.Found) error {
	for {
		var ended bool
		if peer := m.Peer(); peer != 0 {
			ended = !isRunning(peer)
		} else {
			_, err := m.Status(ctx, false)
			ended = errors.Is(err, client.ErrNoManager)
		}
		if ended {
			return nil
		}
		if err := p.pause(ctx); err != nil {
			return err
		}
	}
}

// isRunning reports whether a process exists and is not a zombie.
func isRunning(pid int) bool {
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return false
	}
	process, known := procfs.Read(procfs.Root, pid)
	return !known || process.State != procfs.Zombie && process.State != procfs.Dead
}
