package process

import (
	"runtime"
	"sync"
)

// ReserveThreads has the Go runtime create this many threads, which it keeps forever. The runtime crashes when it
// cannot create a thread that it needs, which happens under a limit on processes (ulimit -u counts threads, too).
func ReserveThreads(count int) {
	var made, left sync.WaitGroup
	made.Add(count)
	left.Add(count)
	for range count {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			made.Done()
			made.Wait() // all at the same time, so that each needs its own thread
			left.Done()
		}()
	}
	left.Wait()
}
