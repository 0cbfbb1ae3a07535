package limits

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// tableVariable names the document whose table is written anew.
const tableVariable = "SCALER_LIMITS_TABLE"

// A page collects the rows of the table.
type page struct {
	mu   sync.Mutex
	rows map[string]string // guarded by mu; by the name of the case
}

func (p *page) add(k limit, ours, theirs *run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rows == nil {
		p.rows = map[string]string{}
	}
	p.rows[k.name] = fmt.Sprintf("| %s | %s | %s |\n", k.what, ours.story(), theirs.story())
}

var (
	spoken = regexp.MustCompile(`^.*(?:baremetal_native|scaler)\[\d+\]: |^\[\w+\][^:]+:\d\d\S*: `)
	random = regexp.MustCompile(`WorkerID\([^)]*\)[: ]*`)
	folder = regexp.MustCompile(`/tmp/sn\d+(/\w+)?`)
	python = regexp.MustCompile(`\S*/\.venvs/[^\s:]+`)
	groups = regexp.MustCompile(cgroupPrefix + `\d+`)
	reason = regexp.MustCompile(`^\w*(Error|Exception)\b.*|^fatal error:.*`)
)

// story is the outcome and the first words about what went wrong.
func (r *run) story() string {
	text := r.outcome()
	var said string
	for _, line := range r.complaints() {
		line = random.ReplaceAllString(spoken.ReplaceAllString(line, ""), "")
		switch {
		case r.ours && !strings.HasPrefix(line, "Traceback"), !r.ours && reason.MatchString(line):
			said = line
		}
	}
	if said == "" {
		return text
	}
	said = groups.ReplaceAllString(python.ReplaceAllString(folder.ReplaceAllString(said, "TMPDIR"), "python"), "CGROUP")
	return text + ": `" + strings.ReplaceAll(said, "|", "\\|") + "`"
}

// write puts the table into the document, between two marks.
func (p *page) write(t *testing.T) {
	path := os.Getenv(tableVariable)
	if path == "" || len(p.rows) == 0 {
		return
	}
	const begin, end = "<!-- table: written by make limits -->\n", "<!-- end of the table -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no marks", path)
	}
	table := "| place | scaler-native | Scaler's own manager |\n| --- | --- | --- |\n"
	for _, k := range cases() {
		table += p.rows[k.name]
	}
	if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
