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
	// collectAt is how much garbage, in percent of what is in use, is let come together (GOGC). Memory counts more here
	// than the little CPU that it takes to look for it.
	collectAt = 50

	// returnInterval is how often it is looked whether memory is left over from a burst, and returnBytes how much more than
	// was needed last it has to be. A scheduler tells every worker of every object that it may drop, all at the same time.
	returnInterval = 5 * time.Second
	returnBytes    = 2 << 20

	// settleTime is how long after all workers have registered the code of their start counts as used no more.
	settleTime = time.Second
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

// settle gives the memory of the program back that a start has mapped, once there is calm.
func (n *node) settle() {
	if n.settling != nil {
		n.settling.Stop()
	}
	n.settling = time.AfterFunc(settleTime, func() {
		if err := process.ReturnProgram(); err != nil {
			n.log.Debugf("the memory of the program is kept: %v", err)
		}
	})
}

// held is how much memory the heap has of the system, in bytes.
func held() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapSys - stats.HeapReleased
}
