package manager

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

const (
	// mourning is how long the scheduler gets to notice the end of a dead worker's own connection, so that
	// another one of the same identity is not taken for a double.
	mourning = 50 * time.Millisecond

	// answerTime is how long a connection is kept for an answer, which says that the farewell was heard.
	answerTime = time.Second
)

// takeLeave tells the scheduler, in the name of a worker that died, that it is gone. Otherwise
// the scheduler waits for it, and with it do the tasks that it had: 60 s by default (1.26.0 to 2.9.0).
func (m *Manager) takeLeave(ctx context.Context, identity string, farewell []byte) {
	defer m.farewells.Done()
	err := m.sayFarewell(identity, farewell)
	// What killed the worker may be a lack that the manager has too.
	for errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(answerTime):
			err = m.sayFarewell(identity, farewell)
		}
	}
	if err != nil {
		m.log.Debugf("cannot tell the scheduler that worker %s is gone: %v", identity, err)
		return
	}
	m.log.Infof("told the scheduler that worker %s is gone", identity)
}

func (m *Manager) sayFarewell(identity string, farewell []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), mourning+2*answerTime)
	defer cancel()
	network := m.network
	network.Identity = m.installed.identity()
	if m.installed.dialect == message.Declarative2 {
		// There the message does not say who it is about: it is about its sender.
		network.Identity = []byte(identity)
		time.Sleep(mourning)
	}
	connection, err := transport.Dial(ctx, m.scheduler, network)
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := connection.Send(farewell); err != nil {
		return err
	}
	stop := time.AfterFunc(answerTime, func() { connection.Close() })
	defer stop.Stop()
	_, _ = connection.Receive()
	return nil
}
