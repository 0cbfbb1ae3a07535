package cluster

import (
	"bytes"
	"fmt"
	"os"
)

// HostOf returns the worker host of our manager, or 0: the child that leads a process group.
func HostOf(m *Manager) int {
	for _, child := range Children(m.PID()) {
		if s, ok := ReadStat(child); ok && s.State != "Z" && s.Group == child {
			return child
		}
	}
	return 0
}

// WorkersOf returns the workers of our manager: children of the host that lead process groups. A spare worker, which
// the scheduler does not know yet, is not among them.
func WorkersOf(m *Manager) (list []int) {
	for _, child := range Children(HostOf(m)) {
		if s, ok := ReadStat(child); ok && s.State != "Z" && s.Group == child && !isSpare(child) {
			list = append(list, child)
		}
	}
	return list
}

// isSpare tells by the process's title.
func isSpare(pid int) bool {
	title, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return bytes.HasPrefix(title, []byte("scaler: spare worker"))
}

// ZombiesOf returns the children of the manager and of its host that have ended and were not reaped.
func ZombiesOf(m *Manager) (list []int) {
	for _, child := range append(Children(m.PID()), Children(HostOf(m))...) {
		if s, ok := ReadStat(child); ok && s.State == "Z" {
			list = append(list, child)
		}
	}
	return list
}
