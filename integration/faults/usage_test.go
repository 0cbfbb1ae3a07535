package faults

import (
	"fmt"
	"slices"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A usage follows the memory and the descriptors of one process.
type usage struct {
	memory []int // bytes
	files  []int
}

func (u *usage) note(pid int) {
	if pid == 0 || !cluster.Alive(pid) {
		return
	}
	u.memory = append(u.memory, cluster.Resident(pid))
	u.files = append(u.files, cluster.Descriptors(pid))
}

// halves returns the medians of the first and of the second half.
func halves(values []int) (first, second int) {
	median := func(part []int) int {
		if len(part) == 0 {
			return 0
		}
		sorted := slices.Sorted(slices.Values(part))
		return sorted[len(sorted)/2]
	}
	middle := len(values) / 2
	return median(values[:middle]), median(values[middle:])
}

// checkFlat allows for a few workers more or less and for pages touched late.
func (u *usage) checkFlat(t *testing.T, who string) {
	t.Helper()
	const moreMemory, moreFiles = 6 << 20, 12
	if first, second := halves(u.memory); second > first+moreMemory {
		t.Errorf("memory of %s has grown from %d to %d bytes", who, first, second)
	}
	if first, second := halves(u.files); second > first+moreFiles {
		t.Errorf("descriptors of %s have grown from %d to %d", who, first, second)
	}
}

func (u usage) String() string {
	firstMemory, secondMemory := halves(u.memory)
	firstFiles, secondFiles := halves(u.files)
	return fmt.Sprintf("%.1f, then %.1f MB and %d, then %d descriptors", float64(firstMemory)/(1<<20),
		float64(secondMemory)/(1<<20), firstFiles, secondFiles)
}

// tenths returns the medians of the first and of the last tenth.
func tenths(values []int) (first, last int) {
	size := len(values) / 10
	if size == 0 {
		return 0, 0
	}
	first, _ = halves(append(slices.Clone(values[:size]), values[:size]...))
	last, _ = halves(append(slices.Clone(values[len(values)-size:]), values[len(values)-size:]...))
	return first, last
}

// checkTenths is for long runs, where slow growth shows.
func (u *usage) checkTenths(t *testing.T, who string) {
	t.Helper()
	const moreMemory, moreFiles = 6 << 20, 12
	if first, last := tenths(u.memory); last > first+moreMemory {
		t.Errorf("memory of %s has grown from %d to %d bytes", who, first, last)
	}
	if first, last := tenths(u.files); last > first+moreFiles {
		t.Errorf("descriptors of %s have grown from %d to %d", who, first, last)
	}
}
