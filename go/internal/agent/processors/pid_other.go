//go:build !linux

package processors

import "net"

// peerPid is not known: workers without agents of their own are for Linux only.
func peerPid(*net.UnixConn) int { return 0 }
