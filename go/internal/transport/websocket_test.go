package transport

import (
	"context"
	"net"
	"net/http/httptrace"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

// An upgrade that is canceled while net/http connects leaves no goroutine behind, which TestMain checks. Whether
// net/http notices in time is a race, hence many attempts.
func TestCanceledUpgradeLeavesNothing(t *testing.T) {
	for range 500 {
		ctx, cancel := context.WithCancel(context.Background())
		near, far := net.Pipe()
		connecting := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GetConn: func(string) { go cancel() }})
		to := address.Address{Scheme: address.WS, Host: "127.0.0.1", Port: 1}
		if _, err := upgrade(connecting, near, to, DefaultMaxFrame); err == nil {
			t.Error("a canceled upgrade succeeded")
		}
		near.Close()
		far.Close()
		cancel()
	}
}
