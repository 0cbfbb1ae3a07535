package config

import (
	"crypto/rand"
	"encoding/hex"
	"os"
)

// The scheduler refuses a second source of a worker manager id until the first was silent for 10 s (Scaler 1.26.6 to
// 2.9.0). So the id must differ between two managers of a host, and between a manager and the one it replaces; a
// process id would not do, it is 1 in every container.
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
