// Package python carries the Python side of scaler-native, so that the Go binary
// and a Python that has Scaler are a complete installation: nothing of ours has to
// be installed beside Scaler for the worker host to run.
package python

import "embed"

// Sources holds the package scaler_native as it stands in the repository, tests
// left out. The paths begin with "scaler_native/".
//
//go:embed scaler_native/*.py scaler_native/host/*.py
var Sources embed.FS

// Boot is the program that the interpreter is given with -c: it reads the sources
// from a descriptor, makes them importable without touching sys.path, and runs the
// role that it is asked for.
//
//go:embed scaler_native/host/boot.py
var Boot string
