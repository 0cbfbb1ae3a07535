// Package config is the configuration of the worker manager. One table of options yields the command line, the TOML
// keys, the help, the shell completion and docs/reference.md. Load merges the sources (command line over environment
// over file over default) and checks the result.
//
// The rules are those of Scaler 1.26.6 to 2.9.0 (ConfigClass, read in scaler/config). docs/differences.md lists where
// this package departs from them.
package config
