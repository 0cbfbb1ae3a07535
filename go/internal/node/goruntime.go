package node

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	// collectAt is how much garbage, in percent of what is in use, is let come together (GOGC). Memory counts more here
	// than the little CPU that it takes to look for it.
	collectAt = 50

	// returnInterval is how often it is looked whether memory is left over from a burst, and returnBytes how much more than
	// was needed last it has to be. A scheduler tells every worker of every object that it may drop, all at the same time.
	returnInterval = 5 * time.Second
	returnBytes    = 2 << 20
)

// useOneCPU has all goroutines share one thread, unless GOMAXPROCS is set. The manager's work is short hand-overs between
// them: on several threads each one wakes another, which takes as long as the work. One thread serves more tasks a second
// than a scheduler of upstream's sends.
func useOneCPU() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
}

// returnMemory gives memory that is not used any more back to the system, which Go's runtime does only over minutes, and
// for garbage not before there is twice as much.
func (n *node) returnMemory(ctx context.Context) {
	debug.SetGCPercent(collectAt)
	var needed uint64
	every(ctx, returnInterval, func() {
		if held() > needed+returnBytes {
			debug.FreeOSMemory()
			needed = held()
		}
	})
}

// held is how much memory the heap has of the system, in bytes.
func held() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapSys - stats.HeapReleased
}
