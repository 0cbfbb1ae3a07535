package top

import (
	"context"

	"github.com/gdamore/tcell/v2"
)

// key handles a key. It returns false to quit.
func (t *display) key(ctx context.Context, event *tcell.EventKey) bool {
	page := max(1, t.view.Rows()-1)
	switch event.Key() {
	case tcell.KeyCtrlC, tcell.KeyEscape:
		return false
	case tcell.KeyTab:
		t.next(ctx, 1)
	case tcell.KeyBacktab:
		t.next(ctx, -1)
	case tcell.KeyCtrlL:
		t.screen.Sync()
	case tcell.KeyDown:
		t.scroll(1)
	case tcell.KeyUp:
		t.scroll(-1)
	case tcell.KeyPgDn:
		t.scroll(page)
	case tcell.KeyPgUp:
		t.scroll(-page)
	case tcell.KeyHome:
		t.view.Scroll = 0
	case tcell.KeyEnd:
		t.scroll(t.members())
	case tcell.KeyRune:
		return t.letter(event.Rune())
	}
	return true
}

func (t *display) letter(letter rune) bool {
	switch letter {
	case 'q', 'Q':
		return false
	case 'c':
		t.view.Order = ByCPU
	case 'm':
		t.view.Order = ByMemory
	case 't':
		t.view.Order = ByTaskAge
	case 'n':
		t.view.Order = ByNumber
	case 'r':
		t.view.Reverse = !t.view.Reverse
	case 'j':
		t.scroll(1)
	case 'k':
		t.scroll(-1)
	case ' ':
		t.scroll(max(1, t.view.Rows()-1))
	}
	return true
}

func (t *display) members() int {
	if t.view.Manager == nil {
		return 0
	}
	return len(t.view.Manager.Members)
}

// scroll moves the table, at most until the last worker is on the last line.
func (t *display) scroll(lines int) {
	most := max(0, t.members()-t.view.Rows())
	t.view.Scroll = max(0, min(min(t.view.Scroll, most)+lines, most))
}
