package config

import (
	"crypto/rand"
	"encoding/hex"
	"os"

	"github.com/scaler-native/scaler-native/go/internal/affinity"
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

// One CPU is left to the scheduler and the client of the same host. os.cpu_count (Scaler's default) counts all CPUs of
// the host, whatever this process may use.
//
// Scaler's EC2 manager (orb_aws_ec2) names no number, and from 2.1 on it divides the number of wanted workers by the
// CPUs of an instance. With one worker less on each it would never get as far as a second instance.
func defaultConcurrency(values map[string]any) any {
	if values["mode"] == "fixed" && values["worker_type"] == "ORB" {
		return int64(affinity.Count())
	}
	return int64(max(affinity.Count()-1, 1))
}

// In dynamic mode the option must not be given, so it has no value there.
func defaultRestart(values map[string]any) any {
	if values["mode"] == "fixed" {
		return "never"
	}
	return nil
}
