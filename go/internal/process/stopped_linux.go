package process

import (
	"bytes"
	"os"
	"strconv"
)

// Stopped tells whether a process was stopped by a signal. One that a debugger has stopped is not: somebody is there
// who will continue it.
func Stopped(pid int) bool {
	file, err := os.Open("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	defer file.Close()
	// Room for the number and the name, of at most 64 bytes, before the state.
	var start [128]byte
	n, _ := file.Read(start[:])
	// The name may hold brackets and blanks itself; what follows it does not.
	_, rest, found := bytes.Cut(start[max(0, bytes.LastIndexByte(start[:n], ')')):n], []byte(") "))
	return found && bytes.HasPrefix(rest, []byte("T"))
}
