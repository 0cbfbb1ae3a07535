package journal

import (
	"fmt"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

func TestAfter(t *testing.T) {
	for _, test := range []struct {
		added       int
		after       uint64
		first, last uint64 // 0 for none
	}{
		{0, 0, 0, 0},
		{0, 7, 0, 0},
		{3, 0, 1, 3},
		{3, 2, 3, 3},
		{3, 3, 0, 0},
		{3, 9, 0, 0}, // an ID of an earlier manager
		{Capacity, 0, 1, Capacity},
		{Capacity + 1, 0, 2, Capacity + 1},
		{Capacity + 1, Capacity - 1, Capacity, Capacity + 1},
		{3*Capacity + 5, 0, 2*Capacity + 6, 3*Capacity + 5},
		{3*Capacity + 5, 3*Capacity + 4, 3*Capacity + 5, 3*Capacity + 5},
	} {
		t.Run(fmt.Sprintf("%d of %d", test.after, test.added), func(t *testing.T) {
			j := New()
			for range test.added {
				j.Add(state.Event{Kind: state.WorkerStarted})
			}
			events, _ := j.After(test.after)
			if test.first == 0 {
				if len(events) != 0 {
					t.Fatalf("got %d events", len(events))
				}
				return
			}
			if len(events) != int(test.last-test.first+1) || events[0].ID != test.first ||
				events[len(events)-1].ID != test.last {
				t.Fatalf("got %d events", len(events))
			}
		})
	}
}

func TestMore(t *testing.T) {
	j := New()
	_, more := j.After(0)
	_, same := j.After(0)
	select {
	case <-more:
		t.Fatal("there is more before anything happened")
	default:
	}
	j.Add(state.Event{Text: "now"})
	<-more
	<-same
	if events, _ := j.After(0); len(events) != 1 || events[0].Text != "now" || events[0].Time.IsZero() {
		t.Fatalf("got %+v", events)
	}
}
