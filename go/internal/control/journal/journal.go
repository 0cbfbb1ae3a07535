// Package journal keeps the last events of a manager for those who ask for them. Its lock is held for a few
// instructions, and by nobody on the path of a task.
package journal

import (
	"sync"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Kept is how many events are kept.
const Kept = 1000

// Journal is the last events. Its methods may be called from any goroutine.
type Journal struct {
	mu     sync.Mutex // guards below
	events []state.Event
	last   uint64        // ID of the newest one
	more   chan struct{} // closed by the next one; nil while nobody waits
}

// New makes a journal without events.
func New() *Journal { return &Journal{} }

// Add adds an event, which gets its ID and the time of now.
func (j *Journal) Add(event state.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	event.ID, event.Time = j.last, time.Now()
	if len(j.events) == 2*Kept {
		j.events = append(j.events[:0], j.events[Kept:]...)
	}
	j.events = append(j.events, event)
	if j.more != nil {
		close(j.more)
		j.more = nil
	}
}

// After are those of the last Kept events that are later than the one of an ID, oldest first, and a channel that the next
// event closes.
func (j *Journal) After(id uint64) (events []state.Event, more <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.more == nil {
		j.more = make(chan struct{})
	}
	kept := j.events[max(len(j.events)-Kept, 0):]
	later := kept[max(len(kept)-int(min(j.last-min(id, j.last), Kept)), 0):]
	return append([]state.Event{}, later...), j.more
}
