package cluster

import (
	"fmt"
	"testing"
)

// SecureRelease has TLS, which came with 2.6, and WebSocket.
const SecureRelease Release = "2.9.0"

// NewSecureCluster starts a cluster whose scheduler has a certificate; the storage too if its scheme is tls. The
// monitor socket is plain.
func NewSecureCluster(t *testing.T, scheme, storage string, served Credential) *Cluster {
	t.Helper()
	c := Reserve(t, SecureRelease, Layout{Scheme: scheme, Policy: PolicyVanilla})
	storageAddress := fmt.Sprintf("%s://%s", storage, c.At(1))
	arguments := []string{storageAddress}
	if storage == "tls" {
		arguments = append(arguments, served.Options()...)
	}
	c.Storage = c.run(t, "storage", "scaler_object_storage_server", arguments...)
	AwaitPort(t, c.Storage, c.At(1))
	c.Scheduler = c.run(t, "scheduler", "scaler_scheduler", append([]string{c.Address, "--policy-content", PolicyVanilla,
		"--object-storage-address", storageAddress, "--monitor-address", c.MonitorAddress()}, served.Options()...)...)
	AwaitPort(t, c.Scheduler, c.At(2))
	c.Layout.Scheme = "tcp" // the monitor's from here on
	c.startMonitor(t)
	return c
}
