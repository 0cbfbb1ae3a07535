package web

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

const (
	// historyStep is the time between two points at least, and with nobody who looks at most.
	historyStep = 5 * time.Second
	historySize = 120 // ten minutes
)

// Point is what the page plots of a moment. Finished is a count since the start: rates come from two points.
type Point struct {
	Time       float64 `json:"time"` // seconds since 1970
	Desired    int     `json:"desired"`
	Registered int     `json:"registered"`
	Busy       int     `json:"busy"`
	Queued     int     `json:"queued"`
	Finished   uint64  `json:"finished"`
	Memory     uint64  `json:"memory"`
	CPU        float64 `json:"cpu"`
}

func pointOf(m *state.Manager) Point {
	p := Point{
		Time:    float64(m.Now.UnixMilli()) / 1000,
		Desired: m.Workers.Desired, Registered: m.Workers.Registered, Busy: m.Workers.Busy,
		Queued: m.Tasks.Queued, Finished: m.Tasks.Succeeded + m.Tasks.Failed + m.Tasks.Cancelled + m.Tasks.Died,
	}
	for i := range m.Members {
		p.Memory += m.Members[i].Memory
		p.CPU += m.Members[i].CPU
	}
	return p
}

// history is the last points, at most historySize.
type history struct {
	ring []Point
	next int // place of the oldest, once it is full
}

// add drops a point that comes too soon after the last.
func (h *history) add(p Point) {
	if len(h.ring) > 0 {
		last := h.ring[(h.next+len(h.ring)-1)%len(h.ring)]
		// The ticker's own points come a little early at times.
		if elapsed := p.Time - last.Time; elapsed >= 0 && elapsed < historyStep.Seconds()*0.9 {
			return
		}
	}
	if len(h.ring) < historySize {
		h.ring = append(h.ring, p)
		return
	}
	h.ring[h.next] = p
	h.next = (h.next + 1) % len(h.ring)
}

func (h *history) list() []Point {
	return append(append([]Point{}, h.ring[h.next:]...), h.ring[:h.next]...)
}
