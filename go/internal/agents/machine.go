package agents

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// machineInterval is the least time between two readings of the machine's resources, which all workers report.
const machineInterval = time.Second

// machine is the part of a heartbeat about the machine.
type machine struct {
	at                     time.Time
	limit, free, sent, got uint64
}

func (m *machine) fill(now time.Time, h *protocol.Heartbeat) {
	if now.Sub(m.at) > machineInterval {
		m.at = now
		m.limit, m.free = procfs.Memory()
		m.sent, m.got = procfs.Network()
	}
	h.MemoryLimit, h.FreeMemory, h.NetSent, h.NetReceived = m.limit, m.free, m.sent, m.got
}
