package process

import (
	"runtime"
	"sync"
)

// ReserveThreads has the Go runtime make so many threads now, which it keeps for ever. It ends the program when it cannot
// make one that it needs, which is what comes of a user's processes being limited (ulimit -u counts threads too).
func ReserveThreads(count int) {
	var made, left sync.WaitGroup
	made.Add(count)
	left.Add(count)
	for range count {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			made.Done()
			made.Wait() // all at a time, so that none serves two
			left.Done()
		}()
	}
	left.Wait()
}
