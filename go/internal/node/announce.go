package node

import (
	"context"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/scaler"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// announcement is a connection over which the manager's first heartbeat was sent.
type announcement struct {
	release    scaler.Release // presumed from the installed files
	identity   []byte
	connection transport.Conn
}

// announce sends the manager's first heartbeat while Python is still importing Scaler. It does so in dynamic mode, if
// the release can be told from the folders beside the interpreter and its messages are known. The returned function
// ends the attempt and returns the connection, or nil. Errors are not logged: start runs into them again.
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
