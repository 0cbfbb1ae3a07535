package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// waitInterval is how often a command looks whether what it waits for has come.
const waitInterval = 250 * time.Millisecond

// until asks for the manager's state until it is as wanted.
func (p *program) until(ctx context.Context, m client.Found,
	wanted func(*state.Manager) (bool, error)) (answer client.Answer[state.Manager], err error) {
	for {
		answer, err = m.Status(ctx, false)
		if errors.Is(err, client.ErrNoManager) || errors.Is(err, control.ErrEnded) {
			return answer, fmt.Errorf("the manager (pid %d) has ended meanwhile", m.Pid())
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

func (p *program) untilDrained(ctx context.Context, m client.Found) (client.Answer[state.Manager], error) {
	return p.until(ctx, m, func(now *state.Manager) (bool, error) {
		switch now.Phase {
		case state.Drained:
			return true, nil
		case state.Draining:
			return false, nil
		}
		return false, fmt.Errorf("the manager (pid %d) does not drain any more: it is %s", m.Pid(), now.Phase)
	})
}

// untilEnded waits for the end of the manager's process, or of its socket where the process is not known.
func (p *program) untilEnded(ctx context.Context, m client.Found) error {
	for {
		ended := false
		if peer := m.Peer(); peer != 0 {
			ended = !runs(peer)
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

// runs says whether there is a process, and not only what is left of it until its parent takes its status.
func runs(pid int) bool {
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return false
	}
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return !os.IsNotExist(err)
	}
	after := bytes.TrimSpace(text[bytes.LastIndexByte(text, ')')+1:])
	return len(after) == 0 || after[0] != 'Z' && after[0] != 'X'
}
