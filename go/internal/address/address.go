// Package address parses and prints addresses of Scaler schedulers as Scaler does.
package address

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Scheme is the part before "://".
type Scheme string

// The schemes of Scaler 2.9.0. Releases up to 2.1 know only IPC and TCP, releases up to 2.6 no TLS.
const (
	IPC Scheme = "ipc" // a unix stream socket
	TCP Scheme = "tcp"
	TLS Scheme = "tls"
	WS  Scheme = "ws"  // YMQ in WebSocket messages
	WSS Scheme = "wss" // the same over TLS
)

// ErrInvalid matches every error of Parse.
var ErrInvalid = errors.New("invalid address")

// Address is where a scheduler listens. The zero value is not an address.
type Address struct {
	Scheme Scheme
	Host   string // as written, so that an IPv6 literal may have brackets; empty for IPC
	Port   int    // 1 to 65535; 0 for IPC
	Path   string // IPC: the socket's path; WS and WSS: the request path, at least "/"; else empty
}

// Parse accepts what Scaler's AddressConfig.from_string (2.3.3 to 2.9.0) and ZMQConfig.from_string (1.26.6) accept,
// except what cannot be reached from another process: inproc, an empty host or path, a port outside 1 to 65535. As in
// 2.9.0, it drops a path after the port of tcp and tls, and an IPv6 literal needs no brackets.
func Parse(text string) (Address, error) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return Address{}, invalid(text, "expected something like tcp://127.0.0.1:8516")
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
		return Address{}, invalid(text, "inproc works only within the scheduler's own process")
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
	if withoutBrackets(host) == "" {
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

// parsePort accepts what Python's int() accepts: surrounding spaces, a sign, and single underscores between digits.
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

// String formats the address as Scaler does.
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

// Secure reports whether connections use TLS.
func (a Address) Secure() bool { return a.Scheme == TLS || a.Scheme == WSS }

// WebSocket reports whether connections use WebSocket.
func (a Address) WebSocket() bool { return a.Scheme == WS || a.Scheme == WSS }

// Hostname returns the host without the brackets of an IPv6 literal, for name resolution and certificates.
func (a Address) Hostname() string { return withoutBrackets(a.Host) }

// Endpoint returns the arguments of net.Dial: "unix" and a path, or "tcp" and host:port.
func (a Address) Endpoint() (network, target string) {
	if a.Scheme == IPC {
		return "unix", a.Path
	}
	return "tcp", net.JoinHostPort(a.Hostname(), strconv.Itoa(a.Port))
}

func withoutBrackets(host string) string {
	if inner, found := strings.CutPrefix(host, "["); found {
		if inner, found = strings.CutSuffix(inner, "]"); found {
			return inner
		}
	}
	return host
}
