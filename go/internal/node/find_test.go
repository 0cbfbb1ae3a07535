package node

import (
	"errors"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

func TestFindWorker(t *testing.T) {
	workers := []pool.Worker{{Number: 1, Pid: 100, Identity: "NAT|1|abc"}, {Number: 2, Pid: 200, Identity: "NAT|2|abd100"}, {Number: 3, Pid: 300, Identity: "NAT|2|ab"}}
	for name, want := range map[string]int{
		"NAT|1|abc": 1, "100": 1, "200": 2, "abc": 1, "bd": 2, "d100": 2, // a pid comes before a part of an id
		"NAT|2|ab": 3, // whole, though a part of another one
		"10":       2, "ab'": 0, "|ab": 0, "": 0, "x": 0, "-1": 0,
	} {
		got, err := findWorker(workers, name)
		if got != want || (want == 0) != errors.Is(err, control.ErrNotFound) {
			t.Errorf("%q: %d, %v, want %d", name, got, err, want)
		}
	}
}
