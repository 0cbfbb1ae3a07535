package node

import (
	"errors"
	"slices"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

func TestLogs(t *testing.T) {
	n := newTestNode(t, &config.Config{})
	n.log.SetStyle(logging.Style{Screen: "%(levelname)s %(message)s", Levels: logging.Plain.Levels})
	n.log.Infof("of no worker")
	n.logOf("NAT|aa", 11).Warningf("first")
	n.logOf("NAT|ab", 12).Infof("of another one")
	n.logOf("NAT|aa", 11).With(logging.Fields{Processor: 13}).Infof("second")
	want := []state.Line{{Text: "WARNING first"}, {Text: "INFO second"}}
	for _, name := range []string{"NAT|aa", "aa", "11"} {
		if got, err := n.Logs(name); err != nil || !slices.Equal(got, want) {
			t.Errorf("of %s: %v, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "NAT", "1", "13", "0", "NAT|ac"} {
		if got, err := n.Logs(name); !errors.Is(err, control.ErrNotFound) {
			t.Errorf("of %q: %v, %v", name, got, err)
		}
	}
}

// A pid stands for the last worker that had it, and not for a part of another one's id.
func TestFindByPid(t *testing.T) {
	workers := []logging.Fields{{Worker: "a", Pid: 7}, {Worker: "b", Pid: 7}, {Worker: "c7", Pid: 8}}
	if got, err := find("7", workers); got != 1 || err != nil {
		t.Errorf("found %d, %v", got, err)
	}
	if got, err := find("7", workers[2:]); err == nil {
		t.Errorf("found %d, but that pid is unknown", got)
	}
}
