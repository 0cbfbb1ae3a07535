package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// Endpoint is where the manager listens. The zero value is nowhere.
type Endpoint struct {
	Host string // a name, or an IP address without brackets; empty for every address of the machine
	Port int    // 0 for one that the system chooses
}

// ParseEndpoint reads HOST:PORT, where an IPv6 address has brackets and the host may be empty.
func ParseEndpoint(text string) (Endpoint, error) {
	host, digits, err := net.SplitHostPort(text)
	if err != nil {
		why := err.Error()
		var address *net.AddrError
		if errors.As(err, &address) {
			why = address.Err
		}
		return Endpoint{}, fmt.Errorf("invalid address %q (HOST:PORT, e.g. 127.0.0.1:9464): %s", text, why)
	}
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return Endpoint{}, fmt.Errorf("invalid address %q (HOST:PORT, e.g. 127.0.0.1:9464): port %q is not from 0 to 65535",
			text, digits)
	}
	return Endpoint{Host: host, Port: int(port)}, nil
}

// String is the form that ParseEndpoint reads.
func (e Endpoint) String() string {
	if e == (Endpoint{}) {
		return ""
	}
	return net.JoinHostPort(e.Host, strconv.Itoa(e.Port))
}

// MarshalText gives the dump that form.
func (e Endpoint) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Loopback tells whether nobody outside of the machine can reach it. Of a name other than localhost that is not known.
func (e Endpoint) Loopback() bool { return IsLoopback(e.Host) }

// IsLoopback tells whether a host is localhost or an address of the loopback interface.
func IsLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
