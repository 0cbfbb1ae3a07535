package differential

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	native  = "baremetal_native"
	address = "tcp://127.0.0.1:8516"
)

// base is a command line that every release accepts and that sets every option whose default differs.
var base = []string{native, address, "-wmi", "NAT|base", "-mtc", "4"}

// testCase is one run of every parser.
type testCase struct {
	Name      string   `json:"name"`
	Arguments []string `json:"arguments"`
	// title is for people: the arguments and the file's text.
	title string
	// differences are the deviations that this case must show in at least one release.
	differences []string
}

// generator collects cases and writes their files.
type generator struct {
	t      *testing.T
	folder string
	cases  []testCase
}

func (g *generator) add(differences []string, arguments ...string) {
	g.cases = append(g.cases, testCase{Name: fmt.Sprint(len(g.cases)), Arguments: arguments,
		title: fmt.Sprintf("%q", arguments), differences: differences})
}

// addFile adds a case whose --config is a file of the text.
func (g *generator) addFile(differences []string, text string, arguments ...string) {
	path := filepath.Join(g.folder, fmt.Sprintf("%03d.toml", len(g.cases)))
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		g.t.Fatal(err)
	}
	g.add(differences, append(arguments, "--config", path)...)
	g.cases[len(g.cases)-1].title += fmt.Sprintf(" with %q", text)
}

// addSection adds a case with a complete entry that holds one more line.
func (g *generator) addSection(differences []string, line string, arguments ...string) {
	text := "[[worker_manager]]\ntype = \"baremetal_native\"\n"
	for _, given := range []string{"scheduler_address = \"" + address + "\"", "worker_manager_id = \"NAT|file\"",
		"max_task_concurrency = 3"} {
		if key, _, _ := strings.Cut(line, " "); !strings.HasPrefix(given, strings.ReplaceAll(key, "-", "_")+" ") {
			text += given + "\n"
		}
	}
	g.addFile(differences, text+line+"\n", append([]string{native}, arguments...)...)
}

func list(differences ...string) []string {
	var named []string
	for _, d := range differences {
		if d != "" {
			named = append(named, d)
		}
	}
	return named
}

func join(parts ...[]string) []string {
	var all []string
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func generate(t *testing.T) []testCase {
	g := &generator{t: t, folder: t.TempDir()}
	for _, s := range samples {
		g.option(s)
		if !s.noFile {
			g.key(s)
		}
	}
	g.addresses()
	g.commandLines()
	g.files()
	g.deviations()
	return g.cases
}

// option tries an option in every form of the command line.
func (g *generator) option(s optionSample) {
	differs := list(s.missing)
	first, last := s.good[0], s.good[1]
	forms := [][]string{{s.long, first}, {s.long + "=" + first}, {s.long[:len(s.long)-1], first},
		{s.long[:len(s.long)-1] + "=" + first}}
	if s.short != "" {
		forms = append(forms, []string{s.short, first}, []string{s.short + "=" + first}, []string{s.short + first})
	}
	for i, form := range forms {
		expected := differs
		if i == 6 && s.short != "-n" {
			expected = nil // only a name of one letter may be joined to its value
		}
		g.add(expected, join(base, s.with, form)...)
	}
	g.add(differs, join([]string{native}, s.with, forms[0], base[1:])...)
	g.add(differs, join(forms[1], base, s.with)...)
	g.add(differs, join(base, s.with, forms[0], []string{s.long, last})...)
	g.add(nil, join(base, s.with, []string{s.long})...)
	for _, value := range s.good[1:] {
		g.add(differs, join(base, s.with, []string{s.long, value})...)
	}
	for _, value := range s.bad {
		// A value out of range is refused with status 1, an option that a release does not have with status 2.
		outOfRange := value == "-1" || value == "-2" || value == "0"
		if s.missing != "" && outOfRange {
			g.add(differs, join(base, s.with, []string{s.long, value})...)
			continue
		}
		g.add(nil, join(base, s.with, []string{s.long, value})...)
		g.add(nil, join(base, s.with, []string{s.long + "=" + value, s.long, first})...)
	}
}

// key tries the option's key in files.
func (g *generator) key(s optionSample) {
	key := strings.TrimPrefix(s.long, "--")
	underscored := strings.ReplaceAll(key, "-", "_")
	for _, value := range s.file {
		g.addSection(keyShows(s), underscored+" = "+value, s.with...)
	}
	g.addSection(keyShows(s), key+" = "+s.file[0], s.with...)
	g.addSection(keyShows(s), fmt.Sprintf("%q = %s", key, s.file[0]), s.with...)
	g.addSection(list(s.missing), underscored+" = "+s.file[0], join(s.with, []string{s.long, s.good[0]})...)
	for _, value := range s.fileBad {
		differs := list(s.missing, s.fileStatus)
		g.addSection(differs, underscored+" = "+value, s.with...)
		g.addSection(list(s.missing), underscored+" = "+value, join(s.with, []string{s.long, s.good[0]})...)
	}
	for _, value := range s.fileWrong {
		g.addSection(list("file-type-checked"), underscored+" = "+value, s.with...)
		g.addSection(list(s.missing), underscored+" = "+value, join(s.with, []string{s.long, s.good[0]})...)
	}
}

// keyShows returns the difference of a key that a release ignores, where that shows although the value is good: its
// counterpart stands on the command line and is refused there, or the driver reports the value under its earlier name.
func keyShows(s optionSample) []string {
	if len(s.with) > 0 || s.long == "--worker-scheduler-address" {
		return list(s.missing)
	}
	return nil
}
