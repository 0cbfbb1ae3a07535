package node

import (
	"context"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/scaler"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// announcement is a connection on which the manager's first heartbeat went out.
type announcement struct {
	release    scaler.Release // as presumed
	identity   []byte
	connection transport.Conn
}

// announce tells the scheduler of the manager while Python still imports Scaler: in dynamic mode, where the folders
// beside the interpreter tell the release, and it is one whose messages are known. The function that is returned
// ends the attempt and tells what came of it: nil if it is of no use. What went wrong is found again, and said, later.
func (n *node) announce(ctx context.Context) func() *announcement {
	version := n.plan.interpreter.Scaler()
	release, err := scaler.Presume(version)
	if n.plan.Fixed() || !message.Known(version) || err != nil {
		return func() *announcement { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	announced := make(chan *announcement, 1)
	go func() { announced <- n.announceAs(ctx, release) }()
	return func() *announcement {
		cancel()
		return <-announced
	}
}

func (n *node) announceAs(ctx context.Context, release scaler.Release) *announcement {
	frame, err := release.Codec.Heartbeat(heartbeat(n.plan.Config))
	if err != nil {
		return nil
	}
	network := n.plan.network
	network.Identity = release.Identity()
	connection, err := transport.Dial(ctx, n.plan.scheduler, network)
	if err != nil {
		return nil
	}
	if !release.Speaks(connection.Protocol()) || connection.Send(frame) != nil {
		connection.Close()
		return nil
	}
	return &announcement{release, network.Identity, connection}
}
