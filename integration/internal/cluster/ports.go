package cluster

import (
	"fmt"
	"math/rand"
	"net"
	"sync"
	"testing"
)

// Each cluster takes three ports in a row, as schedulers do by default: scheduler, object storage, monitor.
const portsEach = 3

var (
	portsMu  sync.Mutex
	portsOut = map[int]bool{} // guarded by portsMu; first ports that this run has handed out
)

// Ports returns the first of three free ports in a row. They are below the range that the kernel uses for outgoing
// connections.
func Ports(t testing.TB) int {
	t.Helper()
	portsMu.Lock()
	defer portsMu.Unlock()
	const low, high = 25000, 29999
	for range 200 {
		first := low + rand.Intn((high-low)/portsEach)*portsEach
		if !portsOut[first] && TakenPort(first) == 0 {
			portsOut[first] = true
			return first
		}
	}
	t.Fatal("cannot find three free ports in a row")
	return 0
}

// TakenPort returns the first of the three ports that is in use, or 0.
func TakenPort(first int) int {
	for port := first; port < first+portsEach; port++ {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return port
		}
		listener.Close()
	}
	return 0
}
