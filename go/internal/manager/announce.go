package manager

import (
	"context"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// announcement is a connection on which the manager's first heartbeat went out.
type announcement struct {
	release    release // as presumed
	identity   []byte
	connection transport.Conn
}

// announce tells the scheduler of the manager while Python still imports Scaler: in dynamic mode, where the folders
// beside the interpreter tell the release, and it is one whose messages are known. The function that is returned
// ends the attempt and tells what came of it: nil if it is of no use. What went wrong is found again, and said, later.
func (m *Manager) announce(ctx context.Context) func() *announcement {
	version := m.keeper.interpreter.Scaler()
	if m.config.Fixed() || !message.Known(version) {
		return func() *announcement { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	announced := make(chan *announcement, 1)
	go func() { announced <- m.announceAs(ctx, presume(version)) }()
	return func() *announcement {
		cancel()
		return <-announced
	}
}

func (m *Manager) announceAs(ctx context.Context, presumed release) *announcement {
	frame, err := presumed.codec.Heartbeat(m.heartbeat())
	if err != nil {
		return nil
	}
	network := m.network
	network.Identity = presumed.identity()
	connection, err := transport.Dial(ctx, m.scheduler, network)
	if err != nil {
		return nil
	}
	if !presumed.speaks(connection.Protocol()) || connection.Send(frame) != nil {
		connection.Close()
		return nil
	}
	return &announcement{presumed, network.Identity, connection}
}
