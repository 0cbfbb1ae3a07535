// Package libraries runs tasks that use real libraries (numpy, pandas, polars, ...) under Scaler's own manager and
// under this one, and compares what they return. Under this one a library is imported by the task, by --preload, or by
// --warm-imports; there it is also used before the fork, so that its threads have run in the worker host.
//
// The tasks are Python functions in programs/tasks, one module a library. SCALER_LIBRARIES names libraries, or is
// "all"; SCALER_LIBRARIES_ENVIRONMENT names the environment of .venvs that has them. docs/libraries.md has the results.
package libraries
