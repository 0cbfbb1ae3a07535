package top

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// source is a fake manager.
type source struct {
	path  string
	mutex sync.Mutex
	state state.Manager
	err   error
	asked int
}

func (s *source) Path() string { return s.path }

func (s *source) Ask(context.Context) (state.Manager, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked++
	return s.state, s.err
}

func (s *source) set(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
}

// live is a running display on a simulated terminal.
type live struct {
	tcell.SimulationScreen
	t     *testing.T
	ended chan struct{}
	mutex sync.Mutex
	shown string
}

func start(t *testing.T, managers ...*source) *live {
	t.Helper()
	l := &live{SimulationScreen: tcell.NewSimulationScreen(""), t: t, ended: make(chan struct{})}
	if err := l.Init(); err != nil {
		t.Fatal(err)
	}
	l.SetSize(80, 24)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		<-l.ended
		l.Fini()
	})
	go func() {
		defer close(l.ended)
		Run(ctx, l, Options{Interval: time.Millisecond, Managers: func(context.Context) (list []Manager) {
			for _, m := range managers {
				list = append(list, m)
			}
			return list
		}})
	}()
	return l
}

// Show copies the screen: only the display's goroutine may read the cells.
func (l *live) Show() {
	l.SimulationScreen.Show()
	cells, width, _ := l.GetContents()
	var text strings.Builder
	for i, cell := range cells {
		if i%width == 0 {
			text.WriteByte('\n')
		}
		text.WriteString(string(cell.Runes))
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.shown = text.String()
}

func (l *live) text() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.shown
}

// await waits until the screen shows a text, and does not show another one.
func (l *live) await(want string, without ...string) {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		text := l.text()
		if strings.Contains(text, want) && (len(without) == 0 || !strings.Contains(text, without[0])) {
			return
		}
		if time.Now().After(end) {
			l.t.Fatalf("%q is not shown, or %q is:\n%s", want, without, text)
		}
	}
}

func (l *live) press(keys string) {
	for _, key := range keys {
		l.InjectKey(tcell.KeyRune, key, 0)
	}
}

func sourceOf(pid, workers int) *source {
	m, _ := crowd(workers)
	m.Pid = pid
	return &source{path: fmt.Sprint(pid), state: m}
}

func TestKeys(t *testing.T) {
	l := start(t, sourceOf(4711, 64))
	l.await("pid 4711")
	l.press("n")
	l.await("    1    5000 idle")
	l.press("r")
	l.await("   64    5189", "    1    5000 idle")
	l.press("rj")
	l.await("2-17 of 64")
	l.InjectKey(tcell.KeyPgDn, 0, 0)
	l.await("17-32 of 64")
	l.InjectKey(tcell.KeyEnd, 0, 0)
	l.await("49-64 of 64")
	l.InjectKey(tcell.KeyUp, 0, 0)
	l.await("48-63 of 64")
	l.InjectKey(tcell.KeyHome, 0, 0)
	l.await("1-16 of 64")
	l.press("q")
	<-l.ended
}

func TestTheTableFollowsTheTerminalsSize(t *testing.T) {
	l := start(t, sourceOf(4711, 64))
	l.await("1-16 of 64")
	l.SetSize(132, 50)
	_ = l.PostEvent(tcell.NewEventResize(132, 50))
	l.await("1-42 of 64")
	l.await("WORKER")
	l.SetSize(20, 5)
	_ = l.PostEvent(tcell.NewEventResize(20, 5))
	l.await("NAT|node-4711|0a1b2~")
	l.press("jq")
	<-l.ended
}

func TestTabShowsTheNextManager(t *testing.T) {
	first, second := sourceOf(1, 9), sourceOf(2, 9)
	l := start(t, first, second)
	l.await("manager 1 of 2")
	l.InjectKey(tcell.KeyTab, 0, 0)
	l.await("pid 2", "pid 1 ")
	l.await("manager 2 of 2")
	l.InjectKey(tcell.KeyTab, 0, 0)
	l.await("pid 1 ")
	l.InjectKey(tcell.KeyBacktab, 0, 0)
	l.await("pid 2 ")
	l.InjectKey(tcell.KeyCtrlC, 0, 0)
	<-l.ended
}

func TestItIsAskedAgainAndAgain(t *testing.T) {
	m := sourceOf(4711, 9)
	l := start(t, m)
	l.await("pid 4711")
	m.set(func() { m.err = errors.New("no manager listens there") })
	l.await("no manager listens there")
	m.set(func() { m.err, m.state.Phase = nil, state.Draining })
	l.await("draining", "no manager listens there")
}

func TestNoManagerIsLeft(t *testing.T) {
	l := start(t)
	l.await("waiting for")
	l.InjectKey(tcell.KeyTab, 0, 0)
	l.await("no manager runs here any more")
	l.InjectKey(tcell.KeyEscape, 0, 0)
	<-l.ended
}

func TestItEndsWithItsContext(t *testing.T) {
	l := start(t, sourceOf(1, 9))
	l.await("pid 1")
	// The cleanup cancels the context, and waits.
}
