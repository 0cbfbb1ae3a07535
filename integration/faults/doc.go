// Package faults breaks things while a manager is under load, and judges what comes of it, beside Scaler's own manager.
// It writes docs/faults.md. Chaos, soak and scale tests are here, too.
package faults
