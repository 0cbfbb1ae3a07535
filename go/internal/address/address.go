// Package address reads and prints the address of a Scaler scheduler as Scaler itself does.
package address

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Scheme is what stands before "://".
type Scheme string

// The schemes of Scaler 2.9.0. Releases up to 2.1 know only IPC and TCP, releases up to 2.6 no TLS.
const (
	IPC Scheme = "ipc" // a Unix stream socket
	TCP Scheme = "tcp"
	TLS Scheme = "tls"
	WS  Scheme = "ws"  // YMQ in WebSocket messages
	WSS Scheme = "wss" // the same inside TLS
)

// ErrInvalid is matched by every error of Parse.
var ErrInvalid = errors.New("cannot read address")

// Address says where a scheduler listens. The zero value is not an address.
type Address struct {
	Scheme Scheme
	Host   string // as it was written, so an IPv6 literal may have brackets; empty for IPC
	Port   int    // 1 to 65535; 0 for IPC
	Path   string // IPC: the socket's path; WS and WSS: the request path, at least "/"; else empty
}

// Parse reads what Scaler's AddressConfig.from_string (2.3.3 to 2.9.0) and ZMQConfig.from_string (1.26.6) read, and
// rejects what they accept although nothing can ever be reached there from another process: inproc, an empty host or
// path, a port outside 1 to 65535. As in 2.9.0, a path after the port of tcp and tls is dropped, and an IPv6 literal
// needs no brackets.
func Parse(text string) (Address, error) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return Address{}, invalid(text, "it should look like tcp://127.0.0.1:8516")
	}
	switch Scheme(scheme) {
	case IPC:
		if rest == "" {
			return Address{}, invalid(text, "the path is empty")
		}
		return Address{Scheme: IPC, Path: rest}, nil
	case TCP, TLS, WS, WSS:
		return parseHost(text, Scheme(scheme), rest)
	case "inproc":
		return Address{}, invalid(text, "inproc reaches only threads of the scheduler's own process")
	}
	return Address{}, invalid(text, "the scheme must be tcp, ipc, tls, ws or wss")
}

func parseHost(text string, scheme Scheme, rest string) (Address, error) {
	authority, path, _ := strings.Cut(rest, "/")
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 {
		return Address{}, invalid(text, "the port is missing")
	}
	host, digits := authority[:colon], authority[colon+1:]
	if bare(host) == "" {
		return Address{}, invalid(text, "the host is empty")
	}
	port, err := parsePort(digits)
	if err != nil {
		return Address{}, invalid(text, err.Error())
	}
	a := Address{Scheme: scheme, Host: host, Port: port}
	if a.WebSocket() {
		a.Path = "/" + path
	}
	return a, nil
}

// parsePort follows Python's int(): spaces around, a sign, and single underscores between digits.
func parsePort(text string) (int, error) {
	digits := strings.TrimSpace(text)
	if !strings.HasPrefix(digits, "_") && !strings.HasSuffix(digits, "_") && !strings.Contains(digits, "__") {
		digits = strings.ReplaceAll(digits, "_", "")
	}
	port, err := strconv.Atoi(digits)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("port %q is not a number", text)
	}
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("port %s is not between 1 and 65535", digits)
	}
	return port, nil
}

func invalid(text, why string) error {
	return fmt.Errorf("%w %q: %s", ErrInvalid, text, why)
}

// String is the form that Scaler prints and its workers take.
func (a Address) String() string {
	if a.Scheme == IPC {
		return "ipc://" + a.Path
	}
	text := string(a.Scheme) + "://" + a.Host + ":" + strconv.Itoa(a.Port)
	if a.WebSocket() {
		text += a.Path
	}
	return text
}

// Secure tells whether the connection is inside TLS.
func (a Address) Secure() bool { return a.Scheme == TLS || a.Scheme == WSS }

// WebSocket tells whether the connection begins with an HTTP upgrade.
func (a Address) WebSocket() bool { return a.Scheme == WS || a.Scheme == WSS }

// Hostname is the host without the brackets of an IPv6 literal, as name resolution and certificates want it.
func (a Address) Hostname() string { return bare(a.Host) }

// Endpoint is what net.Dial takes: "unix" and a path, or "tcp" and host:port.
func (a Address) Endpoint() (network, target string) {
	if a.Scheme == IPC {
		return "unix", a.Path
	}
	return "tcp", net.JoinHostPort(a.Hostname(), strconv.Itoa(a.Port))
}

func bare(host string) string {
	if inner, found := strings.CutPrefix(host, "["); found {
		if inner, found = strings.CutSuffix(inner, "]"); found {
			return inner
		}
	}
	return host
}
