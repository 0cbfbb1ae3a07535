// Package journal keeps the last events of a manager for the control API.
package journal

import (
	"sync"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Capacity is the number of events that a journal keeps.
const Capacity = 1000

// Journal holds the last Capacity events. It is safe for concurrent use.
type Journal struct {
	mu     sync.Mutex // guards below
	events []state.Event
	last   uint64        // ID of the newest event
	more   chan struct{} // closed by the next event; nil while nobody waits
}

// New makes an empty journal.
func New() *Journal { return &Journal{} }

// Add appends an event. It sets its ID and its time.
func (j *Journal) Add(event state.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	event.ID, event.Time = j.last, time.Now()
	if len(j.events) == 2*Capacity {
		j.events = append(j.events[:0], j.events[Capacity:]...)
	}
	j.events = append(j.events, event)
	if j.more != nil {
		close(j.more)
		j.more = nil
	}
}

// After returns the kept events after an ID, oldest first, and a channel that the next event closes.
func (j *Journal) After(id uint64) (events []state.Event, more <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.more == nil {
		j.more = make(chan struct{})
	}
	kept := j.events[max(len(j.events)-Capacity, 0):]
	later := kept[max(len(kept)-int(min(j.last-min(id, j.last), Capacity)), 0):]
	return append([]state.Event{}, later...), j.more
}
