package logging

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The formats of all releases are one of these.
var (
	style126 = Style{
		Screen: "[%(levelname)s]%(asctime)s: %(message)s",
		File:   "[%(levelname)s]%(asctime)s:%(module)s:%(funcName)s:%(lineno)s: %(message)s",
		Levels: map[Level]string{Debug: "DEBG", Info: "INFO", Warning: "WARN", Error: "EROR", Critical: "CTIC"},
	}
	style29 = Plain
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// toFile returns a logger that writes to a file.
func toFile(t *testing.T, level Level) (*Logger, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	log, err := New([]string{path}, level)
	if err != nil {
		t.Fatal(err)
	}
	return log, path
}

func TestStyles(t *testing.T) {
	at := time.Date(2026, 3, 9, 8, 7, 6, 0, time.FixedZone("", -3*3600-1800))
	record := slog.NewRecord(at, Warning.Level(), "%(message)s is %(process)d", 0)
	from := source{function: "start", module: "pool", number: 12}
	pid := os.Getpid()
	tests := []struct{ name, format, want string }{
		{"1.26.6 on screen", style126.Screen, "[WARN]2026-03-09 08:07:06-0330: %(message)s is %(process)d"},
		{"1.26.6 in a file", style126.File, "[WARN]2026-03-09 08:07:06-0330:pool:start:12: %(message)s is %(process)d"},
		{"2.9.0 on screen", style29.Screen,
			fmt.Sprintf("2026-03-09 08:07:06-0330 WARNING baremetal_native[%d]: %%(message)s is %%(process)d", pid)},
		{"2.9.0 in a file", style29.File, fmt.Sprintf(
			"2026-03-09 08:07:06-0330 WARNING baremetal_native[%d] scaler.native:start:12: %%(message)s is %%(process)d", pid)},
		{"number of the line as a number", "%(lineno)d", "12"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			levels := style126.Levels
			if strings.HasPrefix(test.name, "2.9.0") {
				levels = style29.Levels
			}
			if got := render(test.format, levels, record, from); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestLineSaysWhereItIsFrom(t *testing.T) {
	log, path := toFile(t, Info)
	log.SetStyle(style126)
	log.Infof("hello %s, %d", "there", 7)
	want := regexp.MustCompile(
		`^\[INFO\]\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4}:logging_test:TestLineSaysWhereItIsFrom:\d+: hello there, 7\n$`)
	if got := read(t, path); !want.MatchString(got) {
		t.Errorf("got %q", got)
	}
}

func TestLevels(t *testing.T) {
	for _, name := range []string{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"} {
		level, err := ParseLevel(name)
		if err != nil {
			t.Fatal(err)
		}
		log, path := toFile(t, level)
		log.SetStyle(Style{File: "%(levelname)s", Levels: style126.Levels})
		log.Debugf("")
		log.Infof("")
		log.Warningf("")
		log.Errorf("")
		all := []string{"DEBG", "INFO", "WARN", "EROR"}
		if got, want := strings.Fields(read(t, path)), all[level/10-1:]; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"", "info", "WARN", "Level 5"} {
		if _, err := ParseLevel(name); err == nil {
			t.Errorf("%q is taken for a level", name)
		}
	}
}

func TestHeldLines(t *testing.T) {
	log, path := toFile(t, Info)
	log.Infof("first")
	log.Debugf("below the level")
	log.Warningf("second")
	if got := read(t, path); got != "" {
		t.Errorf("written before the style is known: %q", got)
	}
	log.SetStyle(Style{File: "%(levelname)s %(message)s", Levels: Plain.Levels})
	log.Infof("third")
	if got, want := read(t, path), "INFO first\nWARNING second\nINFO third\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	log.Flush()
	log.Infof("fourth")
	if got := read(t, path); !strings.HasSuffix(got, "third\nINFO fourth\n") {
		t.Errorf("a flush changes the style: %q", got)
	}
}

func TestFlushWithoutAStyle(t *testing.T) {
	log, path := toFile(t, Info)
	log.Infof("held")
	log.Flush()
	if got := read(t, path); !strings.Contains(got, " INFO baremetal_native[") || !strings.HasSuffix(got, ": held\n") {
		t.Errorf("got %q", got)
	}
}

func TestNoLogger(t *testing.T) {
	var log *Logger
	log.Errorf("nobody listens")
}

func TestLinesOfSeveralGoroutinesDoNotMix(t *testing.T) {
	log, path := toFile(t, Info)
	var group sync.WaitGroup
	for range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 50 {
				log.Infof("%s", strings.Repeat("x", 100))
			}
		}()
	}
	log.SetStyle(Style{File: "%(message)s"})
	group.Wait()
	if got, want := read(t, path), strings.Repeat(strings.Repeat("x", 100)+"\n", 200); got != want {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
}

func TestTargets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	tests := []struct {
		paths    []string
		onScreen bool
	}{
		{nil, false},
		{[]string{file}, false},
		{[]string{"-"}, true},
		{[]string{"/dev/stdout"}, true},
		{[]string{"/dev/stderr"}, true},
		{[]string{file, "/dev/stderr"}, true},
	}
	for _, test := range tests {
		log, err := New(test.paths, Info)
		if err != nil || log.OnScreen() != test.onScreen {
			t.Errorf("%q: on screen is %v, %v", test.paths, !test.onScreen, err)
		}
	}
}

func TestEachTargetHasItsFormat(t *testing.T) {
	screenFile, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	if err != nil {
		t.Fatal(err)
	}
	defer screenFile.Close()
	log, path := toFile(t, Info)
	log.targets = append(log.targets, &standardStream{file: screenFile})
	log.SetStyle(Style{Screen: "screen: %(message)s", File: "file: %(message)s"})
	log.Infof("x")
	if got := read(t, path) + read(t, screenFile.Name()); got != "file: x\nscreen: x\n" {
		t.Errorf("got %q", got)
	}
}

func TestPathThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{folder, filepath.Join(folder, "missing", "log"), ""} {
		_, err := New([]string{path}, Info)
		if err == nil || !strings.HasPrefix(err.Error(), "cannot log to "+path+": ") {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestExpand(t *testing.T) {
	t.Setenv("HOME", "/home/somebody")
	t.Setenv("NAME", "value")
	tests := []struct{ path, want string }{
		{"/var/log/x", "/var/log/x"},
		{"~", "/home/somebody"},
		{"~/x", "/home/somebody/x"},
		{"~x", "~x"},
		{"/~/x", "/~/x"},
		{"$NAME/x", "value/x"},
		{"/a/${NAME}.log", "/a/value.log"},
		{"~/$NAME", "/home/somebody/value"},
		{"/a/$NO_SUCH/x", "/a/$NO_SUCH/x"},
		{"/a/${NO_SUCH}/x", "/a/${NO_SUCH}/x"},
		{"/a/$", "/a/$"},
		{"/a/$/x", "/a/$/x"},
		{"/a/${NAME", "/a/${NAME"},
	}
	for _, test := range tests {
		if got := expand(test.path); got != test.want {
			t.Errorf("%s: got %s, want %s", test.path, got, test.want)
		}
	}
}

func TestLogInTheHomeFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	log, err := New([]string{"~/log"}, Info)
	if err != nil {
		t.Fatal(err)
	}
	log.SetStyle(Style{File: "%(message)s"})
	log.Infof("x")
	if got := read(t, filepath.Join(home, "log")); got != "x\n" {
		t.Errorf("got %q", got)
	}
}
