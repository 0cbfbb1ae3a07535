package session

import (
	"fmt"
	"net"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// addressInterval is how often a link looks for the address of its connection on the interfaces of this host.
const addressInterval = 5 * time.Second

// movedError ends a connection from an address that this host has no more. TCP itself would give it up after a quarter
// of an hour, if something was sent, and until then the kernel says nothing.
type movedError struct {
	scheduler address.Address
	local     net.IP
}

func (e *movedError) Error() string {
	return fmt.Sprintf("lost the scheduler %s: this host has no longer the address %s", e.scheduler, e.local)
}

// closeOnceMoved closes the connection when this host loses the address of its end. stop ends that, and returns a
// movedError if it was closed.
func (l *link) closeOnceMoved(connection transport.Conn) (stop func() error) {
	local := ipOf(connection.Local())
	if local == nil || !l.hasAddress(local) { // not an interface's own: a sandbox, or a local route
		return func() error { return nil }
	}
	ended, moved := make(chan struct{}), make(chan error, 1)
	go func() {
		check := time.NewTicker(l.addressInterval)
		defer check.Stop()
		for {
			select {
			case <-ended:
				moved <- nil
				return
			case <-check.C:
				if !l.hasAddress(local) {
					connection.Close()
					moved <- &movedError{l.Scheduler, local}
					return
				}
			}
		}
	}()
	return func() error {
		close(ended)
		return <-moved
	}
}

// moves reports whether this connection's address replaces the one of the last connection.
func (l *link) moves(connection transport.Conn) bool {
	last, local := l.local, ipOf(connection.Local())
	if local == nil || !l.hasAddress(local) {
		local = nil
	}
	l.local = local
	return last != nil && local != nil && !local.Equal(last) && !l.hasAddress(last)
}

// ipOf returns the IP address of an end of a connection; nil for another kind.
func ipOf(end net.Addr) net.IP {
	if tcp, ok := end.(*net.TCPAddr); ok {
		return tcp.IP
	}
	return nil
}

// hasAddress reports whether an interface of this host has an address. Where that cannot be found out, it has.
func hasAddress(wanted net.IP) bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && network.IP.Equal(wanted) {
			return true
		}
	}
	return false
}
