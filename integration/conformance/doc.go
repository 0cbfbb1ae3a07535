// Package conformance has a scheduler say the same things to a worker of Scaler's own manager and to a worker whose
// agent is in this manager, with real processors and a real object storage, and compares what the two workers answer.
//
// The scripts are in programs/scripts.py; run.py there has one manager act them all. What differs on purpose stands in
// differences.json, from which a part of docs/differences.md is made (see the package differential).
package conformance
