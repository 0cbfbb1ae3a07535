// Package commandline reads the arguments of scaler_worker_manager with the habits of Python's argparse (read in Python
// 3.11, which the tested releases run on), so that every command line of Scaler 1.26.6 to 2.9.0 means the same here.
//
// It reads them twice, as Scaler does: first for --config and the subcommand, skipping what it does not know, then what
// is left for the options of baremetal_native.
package commandline
