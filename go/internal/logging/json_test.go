package logging

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// toJSON returns a logger of a manager M1 that writes to a file, and a function that reads the objects in it.
func toJSON(t *testing.T, level Level) (log *Logger, objects func() []map[string]any) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	log, err := NewJSON([]string{path}, level, "M1")
	if err != nil {
		t.Fatal(err)
	}
	return log, func() (found []map[string]any) {
		t.Helper()
		for _, text := range strings.Split(strings.TrimSuffix(read(t, path), "\n"), "\n") {
			var object map[string]any
			if err := json.Unmarshal([]byte(text), &object); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			found = append(found, object)
		}
		return found
	}
}

func TestJSON(t *testing.T) {
	log, objects := toJSON(t, Info)
	log.now = func() time.Time { return time.Date(2026, 3, 9, 8, 7, 6, 5_000_000, time.FixedZone("", -3*3600-1800)) }
	log.Infof("hello %s\nand \"good\" \xff day", "there")
	log.With(Fields{Worker: "NAT|1", Pid: 12}).With(Fields{Processor: 13, Task: "ab"}).Warningf("it died")
	log.SetStyle(Plain) // no effect on JSON
	log.Logf(Critical, "over")
	log.Flush()
	common := func(more map[string]any) map[string]any {
		object := map[string]any{
			"time": "2026-03-09T08:07:06.005-03:30", "manager": "M1", "pid": float64(os.Getpid()), "level": "INFO",
		}
		maps.Copy(object, more)
		return object
	}
	want := []map[string]any{
		common(map[string]any{"message": "hello there\nand \"good\" � day"}),
		common(map[string]any{
			"level": "WARNING", "message": "it died", "worker": "NAT|1", "worker_pid": 12.0, "processor_pid": 13.0, "task": "ab",
		}),
		common(map[string]any{"level": "CRITICAL", "message": "over"}),
	}
	got := objects()
	if !slices.EqualFunc(got, want, maps.Equal) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// The milliseconds are written even if they are 0.
func TestJSONTime(t *testing.T) {
	log, objects := toJSON(t, Info)
	log.now = func() time.Time { return time.Date(2026, 3, 9, 8, 7, 6, 0, time.UTC) }
	log.Infof("x")
	if got := objects()[0]["time"]; got != "2026-03-09T08:07:06.000Z" {
		t.Errorf("got %v", got)
	}
}

func TestJSONSource(t *testing.T) {
	log, objects := toJSON(t, Debug)
	log.Debugf("x")
	from, _ := objects()[0]["source"].(map[string]any)
	function, _ := from["function"].(string)
	if from["file"] != "json_test.go" || !strings.HasSuffix(function, ".TestJSONSource") || from["line"] == nil {
		t.Errorf("got %v", from)
	}
	log, objects = toJSON(t, Info)
	log.Infof("x")
	if from, has := objects()[0]["source"]; has {
		t.Errorf("got %v at INFO", from)
	}
}

// The number of omitted lines is a field.
func TestJSONFlood(t *testing.T) {
	log, objects := toJSON(t, Info)
	about := log.With(Fields{Worker: "NAT|1"})
	for range 100 {
		about.Errorf("too much")
	}
	log.Flush()
	got := objects()
	last := got[len(got)-1]
	if len(got) != maxSame+1 || last["omitted"] != float64(100-maxSame) || last["worker"] != "NAT|1" {
		t.Errorf("%d lines, the last: %v", len(got), last)
	}
}

func TestWithOfNoLogger(t *testing.T) {
	var log *Logger
	log.With(Fields{Worker: "NAT|1"}).Errorf("nobody listens")
}

// Fields are not written in Scaler's style.
func TestFieldsInScalersStyle(t *testing.T) {
	log, path := toFile(t, Info)
	log.With(Fields{Worker: "NAT|1", Pid: 1}).Infof("held")
	log.SetStyle(style126)
	log.With(Fields{Worker: "NAT|1", Pid: 1, Processor: 2, Task: "ab"}).Infof("written")
	want := regexp.MustCompile(`^\[INFO\]\S+ \S+:json_test:TestFieldsInScalersStyle:\d+: held\n` +
		`\[INFO\]\S+ \S+:json_test:TestFieldsInScalersStyle:\d+: written\n$`)
	if got := read(t, path); !want.MatchString(got) {
		t.Errorf("got %q", got)
	}
}

// Every path gets every line, as in Scaler's style.
func TestJSONOnSeveralPaths(t *testing.T) {
	folder := t.TempDir()
	paths := []string{filepath.Join(folder, "a"), filepath.Join(folder, "b")}
	log, err := NewJSON(paths, Info, "M1")
	if err != nil {
		t.Fatal(err)
	}
	log.Infof("x")
	if a, b := read(t, paths[0]), read(t, paths[1]); a != b || !strings.Contains(a, `"message":"x"`) {
		t.Errorf("one has %q, the other %q", a, b)
	}
	if _, err := NewJSON([]string{folder}, Info, "M1"); err == nil {
		t.Error("a folder is taken for a file")
	}
}
