package config

import (
	"crypto/rand"
	"encoding/hex"
	"os"
)

// The scheduler refuses a second source of a worker manager id until the first has been silent for 10 s (Scaler 1.26.6
// to 2.9.0). So two managers on a machine need different ids, and so does a manager that replaces another. A process id
// is not enough: it is 1 in every container.
func defaultIdentity(values map[string]any) any {
	prefix := "NAT"
	if values["mode"] == "fixed" {
		prefix = "FIX"
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "localhost"
	}
	suffix := make([]byte, 4)
	rand.Read(suffix)
	return prefix + "|" + host + "|" + hex.EncodeToString(suffix)
}
