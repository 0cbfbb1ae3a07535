package top

import (
	"context"
	"time"

	"github.com/gdamore/tcell/v2"

	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Manager is a manager to show.
type Manager interface {
	// Path identifies it.
	Path() string
	// Ask requests its state.
	Ask(ctx context.Context) (state.Manager, error)
}

// Options configure Run.
type Options struct {
	// Managers lists the managers to choose from. Run calls it at the start, then when the user switches to the next one.
	Managers func(ctx context.Context) []Manager
	Interval time.Duration
	Colors   bool
}

// answer is the answer of a manager.
type answer struct {
	path  string
	state state.Manager
	err   error
}

// display is the state of the display, owned by the goroutine of Run.
type display struct {
	Options
	screen   tcell.Screen
	view     View
	managers []Manager
	answers  chan answer
	asking   bool // a request is pending: do not send another one to a slow manager
}

// Run shows managers on a screen until the user quits or ctx ends.
func Run(ctx context.Context, screen tcell.Screen, options Options) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &display{Options: options, screen: screen, answers: make(chan answer, 1)}
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
			t.apply(answer)
		case <-ticker.C:
			t.ask(ctx)
		}
	}
}

// find lists the managers anew, and keeps showing the same one if it is among them.
func (t *display) find(ctx context.Context) {
	shown := t.shown()
	t.managers = t.Managers(ctx)
	t.view.Count, t.view.Index = len(t.managers), 0
	for i, manager := range t.managers {
		if shown != nil && manager.Path() == shown.Path() {
			t.view.Index = i
		}
	}
}

func (t *display) shown() Manager {
	if t.view.Index < len(t.managers) {
		return t.managers[t.view.Index]
	}
	return nil
}

func (t *display) ask(ctx context.Context) {
	manager := t.shown()
	if manager == nil || t.asking {
		return
	}
	t.asking = true
	go func() {
		state, err := manager.Ask(ctx)
		t.answers <- answer{manager.Path(), state, err}
	}()
}

func (t *display) apply(a answer) {
	t.asking = false
	switch manager := t.shown(); {
	case manager == nil || manager.Path() != a.path: // the user switched to another one
	case a.err != nil:
		t.view.Problem = a.err.Error()
	default:
		t.view.Before, t.view.Manager, t.view.Problem = t.view.Manager, &a.state, ""
	}
}

// next switches to another manager.
func (t *display) next(ctx context.Context, step int) {
	t.find(ctx)
	if t.view.Count == 0 {
		t.view.Problem = "no manager runs here any more"
		return
	}
	t.view.Index = (t.view.Index + step + t.view.Count) % t.view.Count
	t.view.Manager, t.view.Before, t.view.Problem, t.view.Scroll = nil, nil, "", 0
	t.ask(ctx)
}

// handle handles an event. It returns false to quit.
func (t *display) handle(ctx context.Context, event tcell.Event) bool {
	switch event := event.(type) {
	case *tcell.EventResize:
		t.screen.Sync()
	case *tcell.EventKey:
		return t.key(ctx, event)
	}
	return true
}

func (t *display) draw() {
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

func (t *display) style(style Style) tcell.Style {
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
