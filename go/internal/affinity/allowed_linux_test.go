package affinity

import (
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestThisMachine compares the result with what the Go runtime counted at the start.
func TestThisMachine(t *testing.T) {
	allowed, err := Allowed()
	if err != nil || len(allowed) != runtime.NumCPU() || !slices.IsSorted(allowed) {
		t.Fatalf("may use %v of %d, %v", allowed, runtime.NumCPU(), err)
	}
	topology, err := ReadTopology(allowed)
	if err != nil || len(topology) != len(allowed) {
		t.Fatalf("got %v, %v", topology, err)
	}
	for _, text := range []string{"spread", "compact", Set(allowed).String()} {
		policy, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		sets, err := Plan(policy, topology, allowed, 1)
		if err != nil {
			t.Fatal(err)
		}
		used := slices.Sorted(slices.Values(slices.Concat(sets...)))
		if !slices.Equal(used, allowed) {
			t.Errorf("%s uses %v of %v", text, used, allowed)
		}
	}
	policy, err := Parse("65535")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Plan(policy, topology, allowed, 1); err == nil || !strings.Contains(err.Error(), "cannot use CPU 65535") {
		t.Errorf("got %v", err)
	}
}

func TestMembers(t *testing.T) {
	mask := make([]uint, 20)
	mask[0], mask[19] = 0b1001, 1<<7
	if got, want := (Set)(members(mask)).String(), "0,3,1223"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
