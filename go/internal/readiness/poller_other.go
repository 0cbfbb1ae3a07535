//go:build !linux

package readiness

import (
	"errors"
	"syscall"
)

// Poller is for Linux.
type Poller struct{ wakes }

// New fails.
func New() (*Poller, error) { return nil, errors.ErrUnsupported }

// Add fails.
func (p *Poller) Add(syscall.RawConn, uint64) error { return errors.ErrUnsupported }

// Remove fails.
func (p *Poller) Remove(syscall.RawConn) error { return errors.ErrUnsupported }

// Take returns what was given to Wake.
func (p *Poller) Take() []uint64 { return p.take() }

// Close does nothing.
func (p *Poller) Close() {}
