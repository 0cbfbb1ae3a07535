//go:build !linux

package readiness

import (
	"errors"
	"syscall"
)

// Poller is only supported on Linux.
type Poller struct{ wakes }

// New returns an error.
func New() (*Poller, error) { return nil, errors.ErrUnsupported }

// Add returns an error.
func (p *Poller) Add(syscall.RawConn, uint64) error { return errors.ErrUnsupported }

// Remove returns an error.
func (p *Poller) Remove(syscall.RawConn) error { return errors.ErrUnsupported }

// Take returns the tokens given to Wake.
func (p *Poller) Take() []uint64 { return p.take() }

// Close does nothing.
func (p *Poller) Close() {}
