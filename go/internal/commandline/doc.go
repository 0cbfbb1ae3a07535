// Package commandline parses the arguments of scaler_worker_manager as Python's argparse does (that of Python 3.11), so
// that every command line of Scaler 1.26.6 to 2.9.0 keeps its meaning.
//
// Like Scaler, it parses twice: first for --config and the subcommand, passing over all else, and then what is left for
// the options of baremetal_native.
package commandline
