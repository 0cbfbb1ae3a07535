// Package config holds the configuration of the baremetal_native worker manager: one table of options from which the
// command line, the TOML keys, the help, the dump and the shell completion are derived, the rules for merging the
// sources (command line over environment over file over default), and the checks on the result.
//
// The rules are those of Scaler 1.26.6 to 2.9.0 (ConfigClass, read in scaler/config); where this package differs on
// purpose, docs/differences.md says so.
package config
