package procfs

import (
	"maps"
	"slices"
	"testing"
)

func TestReadSignals(t *testing.T) {
	root := write(t, map[string]string{
		"7/task/7/status": "Name:\tx\nSigQ:\t1/2\nSigPnd:\t0000000000000000\nShdPnd:\t0100000000000000\n" +
			"SigBlk:\t0000000000000001\nSigIgn:\t0\nSigCgt:\t8000000000000000\n",
		"7/task/8/status": "Name:\tx\nSigPnd:\t0000000000000002\nSigBlk:\t0000000000000004\nSigCgt:\t8000000000000000\n",
	})
	got := ReadSignals(root, 7)
	want := map[int]Signals{
		7: {Pending: 1 << 56, Blocked: 1, Caught: 1 << 63}, 8: {Pending: 2, Blocked: 4, Caught: 1 << 63},
	}
	if !maps.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if s := got[7]; !Has(s.Pending, 57) || Has(s.Pending, 56) || !Has(s.Caught, 64) {
		t.Errorf("57 is pending and 64 is caught: %+v", s)
	}
	if got := ReadSignals(root, 8); len(got) > 0 {
		t.Errorf("process 8 exists: %+v", got)
	}
}

func TestChildren(t *testing.T) {
	const rest = " 1 1 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 9876 1 1 1"
	root := write(t, map[string]string{
		"10/stat": "10 (a) S 3" + rest, "9/stat": "9 (b) T 3" + rest,
		"8/stat": "8 (c) Z 3" + rest, "7/stat": "7 (d) S 9" + rest,
	})
	if got, err := Children(root, 3); err != nil || !slices.Equal(got, []int{9, 10}) {
		t.Errorf("%v %v", got, err)
	}
}
