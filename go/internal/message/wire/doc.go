// Package wire is generated from schema/scaler.capnp by scripts/schema. Only package
// message, and the tests that play a scheduler, should know it.
package wire
