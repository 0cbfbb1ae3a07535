// Package parity runs the same odd tasks under Scaler's own worker manager and under this one, and compares what each
// task finds, what the client gets, what reaches the manager's output and what is left when the manager has ended.
//
// The cases are Python functions in programs; run.py there runs them all under one manager. What differs on purpose
// stands in differences.json, from which a part of docs/differences.md is made (see the package differential).
package parity
