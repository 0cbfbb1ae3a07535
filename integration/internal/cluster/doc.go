// Package cluster runs real schedulers, object storage servers, worker managers and clients for tests, and checks at a
// test's end that nothing of them is left: no process, no file, no semaphore, no listener.
package cluster
