package cluster

import (
	"encoding/json"
	"reflect"
	"regexp"
	"testing"
	"time"
)

// CheckFields compares some fields of a JSON object.
func CheckFields(t *testing.T, who string, told, want map[string]any) {
	t.Helper()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	for name, value := range plain {
		if got, ok := told[name]; !ok || !reflect.DeepEqual(got, value) {
			t.Errorf("%s: %s is %v, want %v", who, name, got, value)
		}
	}
}

// Number returns a JSON number as an int, and -1 for anything else.
func Number(told any) int {
	value, ok := told.(float64)
	if !ok {
		return -1
	}
	return int(value)
}

// CheckComplaint fails the test unless exactly one line of the output matches and none shows a crash.
func CheckComplaint(t *testing.T, p *Process, pattern string) {
	t.Helper()
	var found []string
	for _, line := range p.Output.Whole(time.Second) {
		if regexp.MustCompile(pattern).MatchString(line) {
			found = append(found, line)
		}
		if CrashWords.MatchString(line) {
			t.Errorf("%s crashes: %s", p.Name, line)
		}
	}
	if len(found) != 1 {
		t.Errorf("%s has %d lines like %s, want 1: %q", p.Name, len(found), pattern, found)
	}
}

// CheckSaid fails the test unless that many lines of the output match.
func CheckSaid(t *testing.T, p *Process, pattern string, want int) {
	t.Helper()
	count := 0
	for _, line := range p.Output.Whole(time.Second) {
		if regexp.MustCompile(pattern).MatchString(line) {
			count++
		}
	}
	if count != want {
		t.Errorf("%s has %d lines like %s, want %d", p.Name, count, pattern, want)
	}
}

// CrashWords matches lines of a crash, which no output may have.
var CrashWords = regexp.MustCompile(`(?m)^(panic:|fatal error:|goroutine \d+|Traceback \(most recent call last\))`)
