//go:build !linux

package cgroup

import "errors"

func checkDelegated(Place) error { return errors.New("it needs Linux") }
