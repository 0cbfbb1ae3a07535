package top

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/fake"
	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

var update = flag.Bool("update", false, "rewrite the screens in testdata")

// crowd returns two states of a manager with many workers, two seconds apart.
func crowd(workers int) (now, before state.Manager) {
	now = fake.State(4711)
	now.Members = nil
	for i := range workers {
		w := state.Worker{
			ID:     fmt.Sprintf("Worker|NAT|%032x|%032x", 4711, 0xabcdef00+i),
			Number: i + 1, Slot: i, Pid: 5000 + 3*i, State: "registered", Started: fake.Start,
			Tasks: state.Tasks{Succeeded: uint64(7 * i), Failed: uint64(i % 3)},
			CPU:   float64(i*37%100) / 100, Memory: uint64(i*53%97) * 1_100_000,
		}
		if i%3 != 0 {
			w.Busy = true
			w.Processors = []state.Processor{{Pid: w.Pid + 1, State: "running", Task: &state.Task{
				ID: fmt.Sprintf("%032x", i), Began: now.Now.Add(-time.Duration(i*i) * time.Second),
				Function: []string{"", "simulate", "price_a_very_long_book"}[i%3],
			}}}
		}
		now.Members = append(now.Members, w)
	}
	now.Members[2].State, now.Members[4].State = "draining", "killed"
	now.Workers.Desired, now.Workers.Registered, now.Workers.Busy, now.Workers.Draining = workers, workers-2, workers/2, 1
	before = now
	before.Now = now.Now.Add(-2 * time.Second)
	before.Tasks.Succeeded -= 247
	before.CPU -= 0.5
	return now, before
}

func TestScreens(t *testing.T) {
	few := fake.State(4711)
	many, before := crowd(64)
	lost := few
	lost.Scheduler = state.Scheduler{Address: "tcp://scheduler.example:8516", Reconnects: 2}
	lost.Agent, lost.Members = "scaler", lost.Members[:2]
	for name, view := range map[string]View{
		"few":  {Manager: &few, Count: 1},
		"many": {Manager: &many, Before: &before, Index: 1, Count: 3, Scroll: 5, Order: ByTaskAge},
		"lost": {Manager: &lost, Count: 1, Order: ByNumber},
		"problem": {
			Manager: &few, Problem: "no manager listens at /run/scaler-native/4711.sock", Count: 2,
			Order: ByMemory, Reverse: true,
		},
		"waiting": {Count: 1},
	} {
		for _, size := range [][2]int{{80, 24}, {132, 50}} {
			view.Width, view.Height = size[0], size[1]
			file := filepath.Join("testdata", fmt.Sprintf("%s-%dx%d.txt", name, size[0], size[1]))
			text := screen(t, view)
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || text != string(want) {
				t.Errorf("%s: %v, got\n%s", file, err, text)
			}
		}
	}
}

// screen renders a view, one mark of the style and the text per line, and checks that the lines fit.
func screen(t *testing.T, view View) string {
	t.Helper()
	lines := view.Lines()
	if len(lines) != view.Height {
		t.Errorf("%d lines on %d", len(lines), view.Height)
	}
	var text strings.Builder
	for _, line := range lines {
		if width := format.Width(line.Text); width > view.Width {
			t.Errorf("%d columns on %d: %s", width, view.Width, line.Text)
		}
		fmt.Fprintf(&text, "%s%s\n", []string{" ", "*", "#", "!"}[line.Style], line.Text)
	}
	return text.String()
}

func TestAnySizeIsPossible(t *testing.T) {
	many, before := crowd(64)
	for width := 0; width < 140; width += 7 {
		for height := range 30 {
			screen(t, View{Manager: &many, Before: &before, Count: 2, Scroll: 60, Width: width, Height: height})
			screen(t, View{Problem: "no answer", Width: width, Height: height})
		}
	}
}

// Names cannot contain control sequences.
func TestNamesAreCleaned(t *testing.T) {
	m := fake.State(1)
	m.ID = "NAT\x1b[2J"
	m.Members[0].Processors[0].Task.Function = "\x1b]0;x\a<漢字>"
	view := View{Manager: &m, Width: 80, Height: 24}
	if text := screen(t, view); strings.ContainsAny(text, "\x1b\a") || !strings.Contains(text, "<漢字>") {
		t.Errorf("got %q", text)
	}
}

func TestRatesAreOfOneManager(t *testing.T) {
	now, before := crowd(9)
	view := View{Manager: &now, Before: &before}
	if view.rate() != "123.5" || view.managerCPU() != "0.25" {
		t.Errorf("got %s tasks and %s CPU", view.rate(), view.managerCPU())
	}
	before.Pid++
	if view.rate() != "-" || view.managerCPU() != "-" {
		t.Errorf("of another one: %s and %s", view.rate(), view.managerCPU())
	}
	view.Before = nil
	if view.rate() != "-" {
		t.Errorf("without one: %s", view.rate())
	}
}

func TestOrders(t *testing.T) {
	now, _ := crowd(5)
	for i, age := range []int{0, 5, 0, 9, 7} {
		now.Members[i].Processors = nil
		if age > 0 {
			began := now.Now.Add(-time.Duration(age) * time.Second)
			now.Members[i].Processors = []state.Processor{{Task: &state.Task{Began: began}}}
		}
		now.Members[i].CPU = []float64{0.5, 0.501, 1, 0, 0.25}[i]
		now.Members[i].Memory = []uint64{5, 4, 3, 2, 9}[i]
	}
	for _, test := range []struct {
		order   Order
		reverse bool
		want    string
	}{
		{ByCPU, false, "31254"}, {ByMemory, false, "51234"}, {ByTaskAge, false, "45213"}, {ByNumber, false, "12345"},
		{ByCPU, true, "45123"}, {ByTaskAge, true, "13254"}, {ByNumber, true, "54321"},
	} {
		members := append([]state.Worker(nil), now.Members...)
		test.order.sort(members, now.Now, test.reverse)
		got := ""
		for _, w := range members {
			got += fmt.Sprint(w.Number)
		}
		if got != test.want {
			t.Errorf("order %d, reverse %v: %s, want %s", test.order, test.reverse, got, test.want)
		}
	}
}
