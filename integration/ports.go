package integration

import (
	"fmt"
	"math/rand"
	"net"
	"sync"
	"testing"
)

// Three ports in a row a cluster, as schedulers take them by default: their own, the object storage's, the monitor's.
const portsEach = 3

var (
	portsMu  sync.Mutex
	portsOut = map[int]bool{} // guarded by portsMu; first ports that this run has handed out
)

// ports returns the first of three free ports in a row. The range lies below the one from which the
// kernel takes ports for outgoing connections.
func ports(t testing.TB) int {
	t.Helper()
	portsMu.Lock()
	defer portsMu.Unlock()
	const low, high = 25000, 29999
	for range 200 {
		first := low + rand.Intn((high-low)/portsEach)*portsEach
		if !portsOut[first] && takenPort(first) == 0 {
			portsOut[first] = true
			return first
		}
	}
	t.Fatal("cannot find three free ports in a row")
	return 0
}

// takenPort returns the first of the three ports that something listens at, 0 if none.
func takenPort(first int) int {
	for port := first; port < first+portsEach; port++ {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return port
		}
		listener.Close()
	}
	return 0
}
