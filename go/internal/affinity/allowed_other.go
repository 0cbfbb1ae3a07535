//go:build !linux

package affinity

import "errors"

// Allowed fails: only Linux binds processes to CPUs.
func Allowed() ([]int, error) {
	return nil, errors.New("cannot find out which CPUs may be used: only Linux tells")
}
