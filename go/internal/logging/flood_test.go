package logging

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// clocked returns a logger with a fake clock.
func clocked(t *testing.T) (log *Logger, lines func() []string, sleep func(time.Duration)) {
	t.Helper()
	log, path := toFile(t, Info)
	log.SetStyle(Style{File: "%(levelname)s %(funcName)s %(message)s", Levels: Plain.Levels})
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	log.now = func() time.Time { return now }
	return log, func() []string { return strings.Split(strings.TrimSuffix(read(t, path), "\n"), "\n") },
		func(d time.Duration) { now = now.Add(d) }
}

func TestFloodIsCounted(t *testing.T) {
	log, lines, sleep := clocked(t)
	for range 51005 {
		log.Warningf("cannot fork: %v", errors.New("no room"))
	}
	log.Errorf("cannot fork: %v", errors.New("no room")) // of another level
	if got := lines(); len(got) != 6 || got[4] != "WARNING TestFloodIsCounted cannot fork: no room" ||
		!strings.HasPrefix(got[5], "ERROR") {
		t.Fatalf("%d lines, the last: %q", len(got), got[len(got)-1])
	}
	sleep(floodWindow)
	log.Infof("something else")
	got := lines()[6:]
	const summary = "WARNING TestFloodIsCounted ... 51000 more lines like this within 1 s: cannot fork: no room"
	if len(got) != 2 || got[0] != summary || !strings.HasPrefix(got[1], "INFO") {
		t.Errorf("got %q", got)
	}
	log.Warningf("cannot fork: %v", errors.New("no room"))
	if got := lines()[8:]; len(got) != 1 || strings.Contains(got[0], "more lines") {
		t.Errorf("in the next window: %q", got)
	}
}

func TestFloodOfDifferentLines(t *testing.T) {
	log, lines, sleep := clocked(t)
	for i := range 200 {
		log.Warningf("worker %d died", i)
		sleep(floodWindow / 400)
	}
	log.Flush()
	got := lines()
	if len(got) != maxSimilar+1 ||
		!strings.HasSuffix(got[maxSimilar], "... 150 more lines like this within 5 s: worker 199 died") {
		t.Errorf("%d lines, the last: %q", len(got), got[len(got)-1])
	}
	log.Flush()
	if again := lines(); len(again) != len(got) {
		t.Errorf("flushed again: %q", again[len(got):])
	}
}

func TestNoFlood(t *testing.T) {
	log, lines, sleep := clocked(t)
	for i := range 300 {
		log.Infof("worker %d registered", i) // each is about another worker
		log.Infof("the same")
	}
	for range 2 * maxSame { // rarely enough
		log.Warningf("again")
		sleep(floodWindow / maxSame)
	}
	log.Flush()
	if got := lines(); len(got) != 600+2*maxSame {
		t.Errorf("%d lines", len(got))
	}
}

func TestFloodBeforeTheStyleIsKnown(t *testing.T) {
	log, path := toFile(t, Info)
	for range 100 {
		log.Errorf("too early")
	}
	log.Flush()
	if got := strings.Count(read(t, path), "\n"); got != maxSame+1 ||
		!strings.Contains(read(t, path), fmt.Sprintf("... %d more lines", 100-maxSame)) {
		t.Errorf("%d lines: %s", got, read(t, path))
	}
}
