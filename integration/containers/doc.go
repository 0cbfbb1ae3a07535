// Package containers tests a manager that is process 1, as in a container without an init: in a PID namespace and a
// mount namespace of its own, with its own /proc and without capabilities. It needs root, but no container engine.
package containers
