// Package wire is generated from schema/scaler.capnp by scripts/schema. Only the packages
// that turn messages into frames and back, and the tests that play a peer, should know it.
package wire
