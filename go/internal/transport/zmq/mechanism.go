package zmq

import (
	"fmt"
	"io"

	"github.com/go-zeromq/zmq4"
)

// mechanism is ZMTP's NULL. The library's own panics on truncated metadata and unknown socket types, and allocates
// whatever length the peer's READY announces.
type mechanism struct {
	wire   *wire
	wanted zmq4.SocketType // type of the peer's socket
	silent bool            // do not send READY
}

func (mechanism) Type() zmq4.SecurityType { return zmq4.NullSecurity }

func (m mechanism) Handshake(conn *zmq4.Conn, _ bool) error {
	if !m.silent {
		if err := m.sendReady(conn); err != nil {
			return err
		}
	}
	socketType, err := m.readReady()
	if err != nil {
		return err
	}
	conn.Peer.Meta["Socket-Type"] = socketType // the library reads it there
	return nil
}

func (m mechanism) sendReady(conn *zmq4.Conn) error {
	metadata, err := conn.Meta.MarshalZMTP()
	if err != nil {
		return err
	}
	if err := conn.SendCmd(zmq4.CmdReady, metadata); err != nil {
		return err
	}
	return m.wire.flush()
}

// readReady waits for the peer's READY and returns its socket type.
func (m mechanism) readReady() (string, error) {
	f, err := readFrame(m.wire.stream, maxCommand)
	if err != nil {
		return "", err
	}
	if !f.command {
		return "", fmt.Errorf("%w: a message before READY", ErrMalformed)
	}
	name, body, err := splitCommand(f.body)
	if err != nil {
		return "", err
	}
	switch name {
	case zmq4.CmdReady:
	case zmq4.CmdError:
		return "", fmt.Errorf("the peer refused the connection: %q", body)
	default:
		return "", fmt.Errorf("%w: %q before READY", ErrMalformed, name)
	}
	socketType, err := property(body, "Socket-Type")
	if err != nil {
		return "", err
	}
	if m.wanted == zmq4.Router && (socketType == string(zmq4.Pub) || socketType == string(zmq4.XPub)) {
		return "", ErrPublisher
	}
	if socketType != string(m.wanted) {
		return "", fmt.Errorf("%w: the peer is a %q, want %s", ErrMalformed, socketType, m.wanted)
	}
	return socketType, nil
}

func (mechanism) Encrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }
func (mechanism) Decrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }
