package faults

import (
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// buildNetwork gives the manager a host of its own.
func buildNetwork(s *scene) {
	s.network = cluster.NewNetwork(s.t)
	s.managerHost = s.network.AddHost(s.t, 0)
}

// cutNetwork cuts the manager's host off, for longer than a manager may be silent.
func cutNetwork(s *scene) {
	s.begins()
	s.managerHost.Cut(s.t)
	time.Sleep(12 * time.Second)
	s.managerHost.Heal(s.t)
	s.since = time.Now()
}
