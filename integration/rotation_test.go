package integration

import (
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
)

// A processor's log file is renamed, as by logrotate: nobody is signalled, and the next line is in a new file.
func TestProcessorsFollowRotation(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		path := filepath.Join(c.mark.dir, "log")
		m := c.startManager(t, "rotated", fixed("1", "--logging-paths", path))
		c.monitor.waitWorkers(t, "1 worker", 1)
		var answer struct {
			Path         string
			Same         bool
			Renamed, New []string
		}
		c.ask(t, &answer, "logged.py")
		if !strings.HasPrefix(answer.Path, path+"-") || !answer.Same {
			t.Errorf("tasks log to %s, in one processor: %t; want %s-<pid> and true", answer.Path, answer.Same, path)
		}
		if want := []string{"the line before"}; !reflect.DeepEqual(answer.Renamed, want) {
			t.Errorf("the renamed file has %q, want %q", answer.Renamed, want)
		}
		if want := []string{"the line after"}; !reflect.DeepEqual(answer.New, want) {
			t.Errorf("the new file has %q, want %q", answer.New, want)
		}
		m.end(t, syscall.SIGTERM)
	}, "1.26.6", "2.6.0", "2.9.0")
}
