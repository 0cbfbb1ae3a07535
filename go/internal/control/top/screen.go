package top

import (
	"context"
	"time"

	"github.com/gdamore/tcell/v2"

	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Manager is one that can be shown.
type Manager interface {
	// Path tells it from others.
	Path() string
	// Ask returns its state.
	Ask(ctx context.Context) (state.Manager, error)
}

// Options are what a screen needs.
type Options struct {
	// Managers are those to choose from, found anew by the key for the next one. The first one of the first time is shown.
	Managers func(ctx context.Context) []Manager
	Interval time.Duration
	Colors   bool
}

// sample is what a manager has answered.
type sample struct {
	path  string
	state state.Manager
	err   error
}

// top is the program; its loop owns it.
type top struct {
	Options
	screen   tcell.Screen
	view     View
	managers []Manager
	answers  chan sample
	// asking is whether a question is on its way: a manager that is slow is not asked twice.
	asking bool
}

// Run shows managers on a screen until the user leaves or the context ends.
func Run(ctx context.Context, screen tcell.Screen, options Options) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &top{Options: options, screen: screen, answers: make(chan sample, 1)}
	events, quit := make(chan tcell.Event), make(chan struct{})
	defer close(quit)
	go screen.ChannelEvents(events, quit)
	t.find(ctx)
	ticker := time.NewTicker(t.Interval)
	defer ticker.Stop()
	t.ask(ctx)
	for {
		t.draw()
		select {
		case <-ctx.Done():
			return
		case event, open := <-events:
			if !open || !t.handle(ctx, event) {
				return
			}
		case answer := <-t.answers:
			t.take(answer)
		case <-ticker.C:
			t.ask(ctx)
		}
	}
}

// find looks for managers, and shows the same one as before if it is still there.
func (t *top) find(ctx context.Context) {
	shown := t.shown()
	t.managers = t.Managers(ctx)
	t.view.Count, t.view.Index = len(t.managers), 0
	for i, manager := range t.managers {
		if shown != nil && manager.Path() == shown.Path() {
			t.view.Index = i
		}
	}
}

func (t *top) shown() Manager {
	if t.view.Index < len(t.managers) {
		return t.managers[t.view.Index]
	}
	return nil
}

func (t *top) ask(ctx context.Context) {
	manager := t.shown()
	if manager == nil || t.asking {
		return
	}
	t.asking = true
	go func() {
		answer, err := manager.Ask(ctx)
		t.answers <- sample{manager.Path(), answer, err}
	}()
}

func (t *top) take(answer sample) {
	t.asking = false
	switch manager := t.shown(); {
	case manager == nil || manager.Path() != answer.path: // another one was chosen meanwhile
	case answer.err != nil:
		t.view.Problem = answer.err.Error()
	default:
		t.view.Before, t.view.Manager, t.view.Problem = t.view.Manager, &answer.state, ""
	}
}

// next shows another manager.
func (t *top) next(ctx context.Context, step int) {
	t.find(ctx)
	if t.view.Count == 0 {
		t.view.Problem = "no manager is left here"
		return
	}
	t.view.Index = (t.view.Index + step + t.view.Count) % t.view.Count
	t.view.Manager, t.view.Before, t.view.Problem, t.view.Scroll = nil, nil, "", 0
	t.ask(ctx)
}

// handle returns false if the user wants to leave.
func (t *top) handle(ctx context.Context, event tcell.Event) bool {
	switch event := event.(type) {
	case *tcell.EventResize:
		t.screen.Sync()
	case *tcell.EventKey:
		return t.key(ctx, event)
	}
	return true
}

func (t *top) draw() {
	t.view.Width, t.view.Height = t.screen.Size()
	t.screen.Clear()
	for y, line := range t.view.Lines() {
		style, x := t.style(line.Style), 0
		for _, r := range line.Text {
			if width := format.RuneWidth(r); width > 0 {
				t.screen.SetContent(x, y, r, nil, style)
				x += width
			}
		}
	}
	t.screen.Show()
}

func (t *top) style(style Style) tcell.Style {
	switch style {
	case Bold:
		return tcell.StyleDefault.Bold(true)
	case Reverse:
		return tcell.StyleDefault.Reverse(true)
	case Warning:
		if t.Colors {
			return tcell.StyleDefault.Foreground(tcell.ColorRed)
		}
		return tcell.StyleDefault.Bold(true)
	}
	return tcell.StyleDefault
}
