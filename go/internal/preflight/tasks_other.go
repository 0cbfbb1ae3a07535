//go:build !linux

package preflight

// taskBudgets returns none: no limits are known here.
func taskBudgets(uint64) []budget { return nil }

// memoryBudgets returns none: no limits are known here.
func memoryBudgets() []budget { return nil }
