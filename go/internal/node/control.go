package node

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/directory"
	"github.com/scaler-native/scaler-native/go/internal/control/server"
)

var _ control.Manager = (*node)(nil)

// noSocket is the value of --control-socket for no socket.
const noSocket = "none"

// listen opens the control socket; nil if there is none. A socket at the default address is optional, one at an address
// that the user has set is not.
func (n *node) listen() (net.Listener, error) {
	path, given := n.plan.ControlSocket, n.plan.Given("control_socket")
	if path == noSocket {
		return nil, nil
	}
	listener, err := listenAt(path, given)
	switch {
	case err == nil:
		n.log.Infof("control socket: %s", listener.Addr())
	case given:
		return nil, fmt.Errorf("cannot use --control-socket %s: %w", path, err)
	default:
		n.log.Warningf("no control socket, so scaler-native cannot reach this manager: %v", err)
		return nil, nil
	}
	return listener, nil
}

func listenAt(path string, given bool) (net.Listener, error) {
	if !given {
		sockets, err := directory.Ensure()
		if err != nil {
			return nil, err
		}
		directory.RemoveStale(sockets)
		if path, err = directory.Path(sockets, os.Getpid()); err != nil {
			return nil, err
		}
	}
	if err := directory.CheckLength(path); err != nil {
		return nil, err
	}
	return server.Listen(path)
}

// serveControl serves the control socket until the last worker has exited.
func (n *node) serveControl(ctx context.Context, listener net.Listener) {
	if err := server.Serve(ctx, listener, n); err != nil {
		n.log.Errorf("the control socket has failed: %v", err)
	}
}
