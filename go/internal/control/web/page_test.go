package web

import (
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// dangerous is what turns text into markup or code, and what the content security policy forbids.
var dangerous = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function` +
	`|DOMParser|setAttribute\("style"|\son\w+="|\sstyle="|<script>|<style`)

// outside is a URL of another host. The namespace of SVG is a name only.
var outside = regexp.MustCompile(`(?i)(https?:)?//[a-z0-9]+\.[a-z.]+`)

var reference = regexp.MustCompile(`(?:href|src)="(/page/[^"]+)"|from "\./([^"]+)"`)

// The page loads files of this server only, and all of them exist.
func TestPage(t *testing.T) {
	seen := map[string]bool{}
	err := fs.WalkDir(files, "page", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		if contentTypes[path.Ext(name)] == "" {
			t.Errorf("%s has no type", name)
		}
		text := strings.ReplaceAll(string(content), "http://www.w3.org/2000/svg", "")
		for what, pattern := range map[string]*regexp.Regexp{"dangerous": dangerous, "outside": outside} {
			if found := pattern.FindString(text); found != "" {
				t.Errorf("%s: %s is %s", name, found, what)
			}
		}
		for _, found := range reference.FindAllStringSubmatch(text, -1) {
			seen[strings.TrimPrefix(found[1], "/page/")+found[2]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := files.ReadDir("page")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !seen[entry.Name()] && entry.Name() != "index.html" {
			t.Errorf("nothing refers to %s", entry.Name())
		}
		delete(seen, entry.Name())
	}
	for name := range seen {
		t.Errorf("%s is not there", name)
	}
}

const evil = `"><script>document.title="run"</script><img src=x onerror='document.title="run"'>`

// Text from tasks and workers stays text in a real browser.
func TestPageInChromium(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium here")
	}
	f := serving()
	f.state.ID = "NAT|" + evil
	f.state.Started = time.Now().Add(-time.Hour)
	for i := range 1000 {
		f.state.Members = append(f.state.Members, state.Worker{
			ID: "NAT|w" + evil, Number: i + 1, State: "registered", Busy: true, Started: f.state.Started,
			Processors: []state.Processor{{Task: &state.Task{ID: "00ff", Function: "work" + evil, Began: time.Now()}}},
		})
	}
	f.events = []state.Event{{ID: 1, Time: time.Now(), Kind: state.WorkerDied, Worker: evil, Text: "fell " + evil}}
	s := serve(t, f, Options{})
	command := exec.Command(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir="+filepath.Join(t.TempDir(), "profile"), "--virtual-time-budget=4000", "--dump-dom", s.URL())
	command.Env = append(os.Environ(), "HOME="+t.TempDir())
	command.WaitDelay = time.Minute
	shown, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	text := string(shown)
	for _, want := range []string{
		`data-mood="bad"`, "2 of 2 workers registered, 1 busy.", "1,000 workers",
		`work"&gt;&lt;script`, `fell "&gt;&lt;script`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not shown", want)
		}
	}
	if strings.Contains(text, "<img") || strings.Contains(text, "<script>") || strings.Contains(text, "<title>run") {
		t.Error("text became markup")
	}
	if rows := strings.Count(text, "<tr"); rows < 10 || rows > 100 {
		t.Errorf("the document has %d rows for 1000 workers", rows)
	}
}
