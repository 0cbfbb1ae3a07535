// Package wire is generated from schema/scaler.capnp by scripts/schema. Only packages that encode and decode messages,
// and tests, should use it.
package wire
