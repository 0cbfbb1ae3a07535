// Command scaler_worker_manager stands in for Scaler's program of that name: its
// subcommand baremetal_native is this project's, all others are the installed Scaler's.
package main

import (
	"os"

	"github.com/scaler-native/scaler-native/go/internal/program"
)

func main() { os.Exit(program.Main(os.Args)) }
