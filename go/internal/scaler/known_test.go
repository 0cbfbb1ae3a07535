package scaler

import (
	"regexp"
	"strings"
	"testing"
)

func TestKnowsAgent(t *testing.T) {
	line := regexp.MustCompile(`^[0-9a-f]{64}( \d+\.\d+\.\d+)+$`)
	digests := map[string]bool{}
	for _, entry := range strings.Split(strings.TrimSpace(agentDigests), "\n") {
		if strings.HasPrefix(entry, "#") {
			continue
		}
		if !line.MatchString(entry) {
			t.Errorf("invalid line %q", entry)
		}
		digest, _, _ := strings.Cut(entry, " ")
		if digests[digest] || !KnowsAgent(digest) {
			t.Errorf("%s occurs twice, or is not known", digest)
		}
		digests[digest] = true
	}
	if len(digests) == 0 {
		t.Error("the table is empty")
	}
	for _, unknown := range []string{"", "#", strings.Repeat("0", 64)} {
		if KnowsAgent(unknown) {
			t.Errorf("%q is known", unknown)
		}
	}
}
