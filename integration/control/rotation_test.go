package control

import (
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A processor's log file is renamed, as logrotate does, without a signal: the next line is in a new file.
func TestProcessorsFollowRotation(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		path := filepath.Join(c.Mark.Dir, "log")
		m := c.StartManager(t, "rotated", cluster.Fixed("1", "--logging-paths", path))
		c.Monitor.WaitWorkers(t, "1 worker", 1)
		var answer struct {
			Path         string
			Same         bool
			Renamed, New []string
		}
		c.Ask(t, &answer, "logged.py")
		if !strings.HasPrefix(answer.Path, path+"-") || !answer.Same {
			t.Errorf("tasks log to %s, in one processor: %t; want %s-<pid> and true", answer.Path, answer.Same, path)
		}
		if want := []string{"the line before"}; !reflect.DeepEqual(answer.Renamed, want) {
			t.Errorf("the renamed file has %q, want %q", answer.Renamed, want)
		}
		if want := []string{"the line after"}; !reflect.DeepEqual(answer.New, want) {
			t.Errorf("the new file has %q, want %q", answer.New, want)
		}
		m.End(t, syscall.SIGTERM)
	}, "1.26.6", "2.6.0", "2.9.0")
}
