// Command scaler_worker_manager replaces Scaler's program of the same name. It implements the subcommand
// baremetal_native; for all others it runs the installed Scaler's program.
package main

import (
	"os"

	"github.com/scaler-native/scaler-native/go/internal/program"
)

func main() { os.Exit(program.Main(os.Args)) }
