package process

import (
	"os"
	"strings"
	"testing"
)

// resident returns how much of files this process has mapped (RssFile in /proc).
func resident(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if value, ok := strings.CutPrefix(line, "RssFile:"); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Skip("this kernel does not tell")
	return ""
}

func TestReturnProgram(t *testing.T) {
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	before := resident(t)
	if err := ReturnProgram(); err != nil {
		t.Fatal(err)
	}
	if after := resident(t); len(after) > len(before) || len(after) == len(before) && after >= before {
		t.Errorf("%s of files before, %s after (the program has %d bytes)", before, after, len(program))
	}
}
