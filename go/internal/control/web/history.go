package web

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

const (
	// historyStep is the time between two points. A ticker adds them if nobody requests the state.
	historyStep = 5 * time.Second
	historySize = 120 // ten minutes
)

// Point is one point of the page's plots.
type Point struct {
	Time       float64 `json:"time"` // seconds since 1970
	Desired    int     `json:"desired"`
	Registered int     `json:"registered"`
	Busy       int     `json:"busy"`
	Queued     int     `json:"queued"`
	Finished   uint64  `json:"finished"` // total since the start
	Memory     uint64  `json:"memory"`   // bytes, of all workers
	CPU        float64 `json:"cpu"`      // CPUs, of all workers
}

func pointOf(m *state.Manager) Point {
	p := Point{
		Time:    float64(m.Now.UnixMilli()) / 1000,
		Desired: m.Workers.Desired, Registered: m.Workers.Registered, Busy: m.Workers.Busy,
		Queued: m.Tasks.Queued, Finished: m.Tasks.Finished(),
	}
	p.CPU, p.Memory = m.Usage()
	return p
}

// history holds the last historySize points.
type history struct {
	ring []Point
	next int // index of the oldest point once the ring is full
}

// add appends a point, unless the last one is too recent.
func (h *history) add(p Point) {
	if len(h.ring) > 0 {
		last := h.ring[(h.next+len(h.ring)-1)%len(h.ring)]
		// The ticker may fire a little early.
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
