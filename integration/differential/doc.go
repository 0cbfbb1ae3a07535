// Package differential compares the command line and the files that scaler_worker_manager accepts with what the real
// parsers of several Scaler releases accept. Whatever differs must stand in differences.json.
package differential
