package web

import (
	"context"
	"sync"
	"testing"
	"time"
)

// The manager is asked once per maxAge, however many clients there are.
func TestSnapshotsAreShared(t *testing.T) {
	f := serving()
	f.hangs = make(chan struct{})
	now := time.Unix(1000, 0)
	l := &snapshots{manager: f, ctx: context.Background(), timeout: time.Minute, clock: func() time.Time { return now }}
	var all sync.WaitGroup
	for range 100 {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, err := l.get(context.Background()); err != nil {
				t.Error(err)
			}
		}()
	}
	close(f.hangs)
	all.Wait()
	first, _ := l.get(context.Background())
	now = now.Add(maxAge - 1)
	again, _ := l.get(context.Background())
	if f.count() != 1 || first != again {
		t.Errorf("the manager was asked %d times", f.count())
	}
	now = now.Add(1)
	if later, _ := l.get(context.Background()); f.count() != 2 || later == first {
		t.Errorf("the manager was asked %d times: a snapshot was kept for too long", f.count())
	}
	one, _ := first.json()
	two, _ := first.json()
	if len(one) == 0 || &one[0] != &two[0] {
		t.Error("one state was encoded twice")
	}
	l.wait()
}

// A client that leaves does not wait for a hung manager.
func TestClientLeaves(t *testing.T) {
	f := serving()
	f.hangs = make(chan struct{})
	l := &snapshots{manager: f, ctx: context.Background(), timeout: time.Minute, clock: time.Now}
	gone, leave := context.WithCancel(context.Background())
	leave()
	if _, err := l.get(gone); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	close(f.hangs)
	l.wait()
}

func TestHistory(t *testing.T) {
	var h history
	for second := range 2000 {
		h.add(Point{Time: float64(second), Busy: second})
	}
	points := h.list()
	if len(points) != historySize || points[len(points)-1].Busy != 1995 {
		t.Fatalf("%d points, the last is %+v", len(points), points[len(points)-1])
	}
	for i, p := range points[1:] {
		if p.Time-points[i].Time != historyStep.Seconds() {
			t.Errorf("between points %d and %d are %v s", i, i+1, p.Time-points[i].Time)
		}
	}
	// The clock was set back.
	h.add(Point{Time: 5})
	if again := h.list(); len(again) != historySize || again[historySize-1].Time != 5 {
		t.Errorf("the last point is %+v", again[len(again)-1])
	}
}
