package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// Endpoint is an address to listen on. The zero value is none.
type Endpoint struct {
	Host string // a name, or an IP address without brackets; empty for all addresses of the machine
	Port int    // 0 for one that the kernel picks
}

// ParseEndpoint reads HOST:PORT. An IPv6 address needs brackets; the host may be empty.
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
		return Endpoint{}, fmt.Errorf("invalid address %q (HOST:PORT, e.g. 127.0.0.1:9464): port %q is not from 0 to "+
			"65535", text, digits)
	}
	return Endpoint{Host: host, Port: int(port)}, nil
}

// String returns the form that ParseEndpoint reads.
func (e Endpoint) String() string {
	if e == (Endpoint{}) {
		return ""
	}
	return net.JoinHostPort(e.Host, strconv.Itoa(e.Port))
}

// MarshalText is for the dump as JSON.
func (e Endpoint) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Loopback reports whether only this machine can reach it. A name other than localhost may resolve to anything.
func (e Endpoint) Loopback() bool { return IsLoopback(e.Host) }

// IsLoopback reports whether a host is localhost or a loopback address.
func IsLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
