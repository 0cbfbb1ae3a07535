package address

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		text    string
		want    Address
		printed string // if empty, same as text
		network string
		target  string
	}{
		{"tcp://127.0.0.1:8516", Address{TCP, "127.0.0.1", 8516, ""}, "", "tcp", "127.0.0.1:8516"},
		{"tcp://localhost:8516/", Address{TCP, "localhost", 8516, ""}, "tcp://localhost:8516", "tcp", "localhost:8516"},
		{"tcp://h:80/x", Address{TCP, "h", 80, ""}, "tcp://h:80", "tcp", "h:80"},
		{"tcp://*:80", Address{TCP, "*", 80, ""}, "", "tcp", "*:80"},
		{"tcp://[::1]:8516", Address{TCP, "[::1]", 8516, ""}, "", "tcp", "[::1]:8516"},
		{"tcp://::1:8516", Address{TCP, "::1", 8516, ""}, "", "tcp", "[::1]:8516"},
		{"tcp://[fe80::1%eth0]:1", Address{TCP, "[fe80::1%eth0]", 1, ""}, "", "tcp", "[fe80::1%eth0]:1"},
		{"tcp://h: 80 ", Address{TCP, "h", 80, ""}, "tcp://h:80", "tcp", "h:80"},
		{"tcp://h:+80", Address{TCP, "h", 80, ""}, "tcp://h:80", "tcp", "h:80"},
		{"tcp://h:8_516", Address{TCP, "h", 8516, ""}, "tcp://h:8516", "tcp", "h:8516"},
		{"tls://h:65535/x", Address{TLS, "h", 65535, ""}, "tls://h:65535", "tcp", "h:65535"},
		{"ipc:///tmp/x", Address{IPC, "", 0, "/tmp/x"}, "", "unix", "/tmp/x"},
		{"ipc://x:1/y", Address{IPC, "", 0, "x:1/y"}, "", "unix", "x:1/y"},
		{"ipc://@a", Address{IPC, "", 0, "@a"}, "", "unix", "@a"},
		{"ws://h:80", Address{WS, "h", 80, "/"}, "ws://h:80/", "tcp", "h:80"},
		{"ws://h:80/a/b?c", Address{WS, "h", 80, "/a/b?c"}, "", "tcp", "h:80"},
		{"wss://[::1]:443/x", Address{WSS, "[::1]", 443, "/x"}, "", "tcp", "[::1]:443"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
			printed := test.printed
			if printed == "" {
				printed = test.text
			}
			if got.String() != printed {
				t.Errorf("printed as %q, want %q", got, printed)
			}
			if network, target := got.Endpoint(); network != test.network || target != test.target {
				t.Errorf("endpoint %s %s, want %s %s", network, target, test.network, test.target)
			}
			if again, err := Parse(got.String()); err != nil || again != got {
				t.Errorf("read again as %#v, %v", again, err)
			}
		})
	}
}

func TestParseRejects(t *testing.T) {
	tests := []struct{ text, why string }{
		{"", "expected something like"},
		{"h:1", "expected something like"},
		{"TCP://h:1", "scheme"},
		{" tcp://h:1", "scheme"},
		{"http://h:1", "scheme"},
		{"inproc://x", "inproc"},
		{"ipc://", "path is empty"},
		{"tcp://h", "port is missing"},
		{"ws://h/80:1", "port is missing"},
		{"tcp://h:", "not a number"},
		{"tcp://h:x", "not a number"},
		{"tcp://h:_80", "not a number"},
		{"tcp://h:8__0", "not a number"},
		{"tcp://tcp://h:1", "not a number"},
		{"ws://h:80?x", "not a number"},
		{"tcp://h:0", "between"},
		{"tcp://h:-1", "between"},
		{"tcp://h:65536", "between"},
		{"tcp://h:99999999999999999999", "between"},
		{"tcp://:8516", "host is empty"},
		{"tcp://[]:8516", "host is empty"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := Parse(test.text)
			if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), test.why) {
				t.Errorf("got %#v, %v; want an error with %q", got, err, test.why)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	for scheme, want := range map[Scheme][2]bool{
		IPC: {false, false}, TCP: {false, false}, TLS: {true, false}, WS: {false, true}, WSS: {true, true},
	} {
		a := Address{Scheme: scheme}
		if got := [2]bool{a.Secure(), a.WebSocket()}; got != want {
			t.Errorf("%s: secure, WebSocket = %v, want %v", scheme, got, want)
		}
	}
}
