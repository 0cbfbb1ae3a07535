package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

// The first bytes are those of real servers: object storage of 1.26.6, 2.3.3 and 2.9.0, monitors of 1.26.6 and 2.0.20.
func TestOtherServersOfACluster(t *testing.T) {
	certificate, _ := selfSigned(t)
	storage := message("ObjectStorageServer")
	publisher := say(greetingZMQ + "\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03PUB")
	tests := []struct {
		name   string
		to     address.Address
		server string
		offset int
	}{
		{"object storage, YMQ without magic", serve(t, say(storage)), "object storage server", 1},
		{"object storage, YMQ 1", serve(t, say("YMQ\x01"+storage)), "object storage server", 1},
		{"object storage, YMQ 2", serve(t, say("YMQ\x02"+storage)), "object storage server", 1},
		{"object storage, ipc", serveUnix(t, say("YMQ\x02"+storage)), "object storage server", 0},
		{"object storage, tls", as(address.TLS, serve(t, overTLS(certificate, say("YMQ\x02"+storage)))),
			"object storage server", 1},
		{"object storage, ws", as(address.WS, serve(t, overWebSocket(say("YMQ\x02"+storage)))), "object storage server", 1},
		{"monitor, ZMQ", serve(t, publisher), "monitor port", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, probed := Probe(context.Background(), test.to, Options{})
			_, dialed := Dial(context.Background(), test.to, me)
			for _, err := range []error{probed, dialed} {
				var wrong *WrongServerError
				if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.server) {
					t.Fatalf("got %v", err)
				}
				hint := fmt.Sprintf("usually at port %d", test.to.Port-test.offset)
				if test.offset == 0 {
					hint = "and not the scheduler"
				}
				if !strings.HasSuffix(err.Error(), hint) {
					t.Errorf("got %q, want %q at the end", err, hint)
				}
			}
		})
	}
}

// A ROUTER refuses a second connection with a known identity, so that a probe must not send one.
func TestProbeStaysUnknownToARouter(t *testing.T) {
	heard := make(chan string, 1)
	to := serve(t, func(c net.Conn) {
		io.WriteString(c, greetingZMQ+"\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06ROUTER")
		got, err := io.ReadAll(c)
		if err != nil {
			got = []byte(err.Error())
		}
		heard <- string(got)
	})
	if got, err := Probe(context.Background(), to, me); err != nil || got.Kind != ZMQ {
		t.Errorf("probed %s, %v", got, err)
	}
	if got := <-heard; len(got) != len(greetingZMQ) || !strings.HasPrefix(got, "\xff") {
		t.Errorf("the scheduler got %q, want a greeting and a graceful end", got)
	}
}
