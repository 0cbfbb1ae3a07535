package logging

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestRecent(t *testing.T) {
	log, _ := toFile(t, Info)
	one, other := log.With(Fields{Worker: "NAT|1"}), log.With(Fields{Worker: "NAT|2"})
	one.Infof("held")
	if got := log.Recent("NAT|1"); len(got) != 0 {
		t.Errorf("before it is written: %q", got)
	}
	log.SetStyle(Style{Screen: "%(levelname)s: %(message)s", File: "another", Levels: Plain.Levels})
	log.Infof("of nobody")
	one.Debugf("below the level")
	other.Infof("of another one")
	one.Warningf("last")
	if got, want := log.Recent("NAT|1"), []string{"INFO: held", "WARNING: last"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, nobody := range []string{"", "NAT|3"} {
		if got := log.Recent(nobody); len(got) != 0 {
			t.Errorf("of %q: %q", nobody, got)
		}
	}
}

func TestRecentInJSON(t *testing.T) {
	log, _ := toJSON(t, Info)
	log.With(Fields{Worker: "NAT|1"}).Infof("x")
	want := fmt.Sprintf(`"level":"INFO","message":"x","manager":"M1","pid":%d,"worker":"NAT|1"}`, os.Getpid())
	if got := log.Recent("NAT|1"); len(got) != 1 || !strings.HasSuffix(got[0], want) {
		t.Errorf("got %q", got)
	}
}

// A logger without paths keeps lines too: "scaler-native logs" is most useful without a log.
func TestRecentWithoutPaths(t *testing.T) {
	log, err := New(nil, Info)
	if err != nil {
		t.Fatal(err)
	}
	log.SetStyle(Style{Screen: "%(message)s"})
	log.With(Fields{Worker: "NAT|1"}).Infof("x")
	if got := log.Recent("NAT|1"); !slices.Equal(got, []string{"x"}) {
		t.Errorf("got %q", got)
	}
}

// The limit is for all workers together.
func TestRecentIsBounded(t *testing.T) {
	log, err := New(nil, Info)
	if err != nil {
		t.Fatal(err)
	}
	log.SetStyle(Style{Screen: "%(message)s"})
	const workers, lines = 3, 2*maxRecent + 100
	for i := range lines {
		log.With(Fields{Worker: fmt.Sprint(i % workers)}).Infof("%d", i)
	}
	total := 0
	for worker := range workers {
		got := log.Recent(fmt.Sprint(worker))
		total += len(got)
		var want []string
		for i := range lines {
			if i >= lines-maxRecent && i%workers == worker {
				want = append(want, fmt.Sprint(i))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("worker %d: %d lines from %s to %s", worker, len(got), got[0], got[len(got)-1])
		}
	}
	if total != maxRecent {
		t.Errorf("%d lines are kept, want %d", total, maxRecent)
	}
}

func TestWorkers(t *testing.T) {
	log, err := New(nil, Info)
	if err != nil {
		t.Fatal(err)
	}
	log.SetStyle(Plain)
	if got := log.Workers(); len(got) != 0 {
		t.Errorf("at first: %v", got)
	}
	one, other := Fields{Worker: "NAT|1", Pid: 1}, Fields{Worker: "NAT|2", Pid: 2}
	for range maxRecent/2 + 1 { // more than are kept
		log.With(one).With(Fields{Processor: 3}).Infof("x")
		log.With(other).Infof("x")
	}
	if got, want := log.Workers(), []Fields{one, other}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
