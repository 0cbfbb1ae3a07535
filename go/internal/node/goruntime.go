package node

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/process"
)

const (
	// gcPercent is GOGC: how much garbage may accumulate, in percent of the live heap. Here memory matters more than the
	// little CPU time of the collector.
	gcPercent = 50

	// returnInterval is how often unused memory is returned, if it has grown by returnBytes since. A burst comes, for
	// example, when a scheduler tells every worker at the same time about every object to delete.
	returnInterval = 5 * time.Second
	returnBytes    = 2 << 20

	// settleTime is how long after the registration of all workers the code that started them counts as unused.
	settleTime = time.Second
)

// useOneCPU runs all goroutines on one thread, unless GOMAXPROCS is set. They do little but hand over to each other;
// with several threads each handover wakes another thread, which takes as long as the work. One thread handles more
// tasks per second than an upstream scheduler sends.
func useOneCPU() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
}

// returnMemory returns unused heap memory to the system. Go's runtime itself takes minutes for that, and collects
// garbage only when the heap has doubled.
func (n *node) returnMemory(ctx context.Context) {
	debug.SetGCPercent(gcPercent)
	var needed uint64
	every(ctx, returnInterval, func() {
		if heapHeld() > needed+returnBytes {
			debug.FreeOSMemory()
			needed = heapHeld()
		}
	})
}

// notifyStarted wakes returnProgram after all workers have registered.
func (n *node) notifyStarted() {
	select {
	case n.allStarted <- struct{}{}:
	default:
	}
}

// returnProgram returns the pages of the program that only a start uses, once all workers have been registered for a
// while.
func (n *node) returnProgram(ctx context.Context) {
	timer := time.NewTimer(settleTime)
	timer.Stop()
	for {
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-n.allStarted:
			timer.Reset(settleTime)
		case <-timer.C:
			if err := process.ReturnProgram(); err != nil {
				n.log.Debugf("cannot return the memory of the program: %v", err)
			}
		}
	}
}

// heapHeld returns how much memory the heap occupies, in bytes.
func heapHeld() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapSys - stats.HeapReleased
}
