//go:build !linux

package preflight

// taskBudgets knows none here.
func taskBudgets(uint64) []budget { return nil }

// memoryBudgets knows none here.
func memoryBudgets() []budget { return nil }
