// Package program is the command as a whole: what it prints, and with which status it ends.
package program

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/commandline"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control/command"
	"github.com/scaler-native/scaler-native/go/internal/exitstatus"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/node"
	"github.com/scaler-native/scaler-native/go/internal/python"
	"github.com/scaler-native/scaler-native/go/internal/version"
	sources "github.com/scaler-native/scaler-native/python"
)

// switchVariable set to 0 gives Scaler's own worker manager back.
const switchVariable = "SCALER_NATIVE"

// askVersion is Python that prints its own version and Scaler's.
var askVersion = sources.Directory + `
path = leave()
scaler = "no Scaler"
try:
    from importlib.metadata import version
    sys.path[:] = path
    scaler = "Scaler " + version("opengris-scaler")
except Exception:
    pass
print("Python %s, %s" % (sys.version.split()[0], scaler))
`

// runScaler is what the script of Scaler's own program does. That cannot be used: where ours is installed, it stands
// under the same name. The folder of the script comes first on sys.path there, and the working directory nowhere; os
// has been imported by Python itself.
const runScaler = `import os, sys
sys.argv[0] = "scaler_worker_manager"
if not getattr(sys.flags, "safe_path", False): sys.path[0] = os.path.realpath(os.path.dirname(sys.executable))
try: from scaler.entry_points.worker_manager import main
except ImportError as error: sys.exit(
    "scaler_worker_manager: error: cannot import Scaler with %s: %s; "
    "name a Python that has it with SCALER_PYTHON" % (sys.executable, error))
sys.exit(main())`

// Main runs the program with arguments as in os.Args and returns its exit status. By the name of scaler-native it is the
// program that shows and steers managers.
func Main(arguments []string) int {
	if filepath.Base(arguments[0]) == command.Name {
		return command.Main(arguments)
	}
	if os.Getenv(switchVariable) == "0" {
		return fail(handOver(arguments))
	}
	outcome, err := commandline.Parse(arguments[1:], os.LookupEnv)
	for _, warning := range outcome.Warnings {
		fmt.Fprintf(os.Stderr, "%s: warning: %s\n", commandline.Program, warning)
	}
	if err != nil {
		text, status := commandline.Report(err)
		fmt.Fprint(os.Stderr, text)
		return status
	}
	switch outcome.Action {
	case commandline.Help, commandline.DryRun, commandline.Completion:
		fmt.Print(outcome.Output)
		return exitstatus.OK
	case commandline.Version:
		printVersion()
		return exitstatus.OK
	case commandline.HandOver:
		return fail(handOver(arguments))
	}
	return serve(outcome.Config, arguments)
}

func serve(configuration *config.Config, arguments []string) int {
	caller, err := takeCaller(arguments)
	if err != nil {
		return fail(err)
	}
	closeInheritedOnExec()
	if caller.Parent != 0 {
		go endWithParent(caller.Parent)
	}
	level, err := logging.ParseLevel(configuration.LoggingLevel)
	if err != nil {
		return fail(err)
	}
	log, err := openLog(configuration, level)
	if err != nil {
		return fail(err)
	}
	if err = node.Run(configuration, caller.Program, log); err == nil {
		return exitstatus.OK
	}
	log.Errorf("%v", err)
	if !log.OnScreen() {
		fail(err)
	}
	return exitstatus.Failed
}

func openLog(c *config.Config, level logging.Level) (*logging.Logger, error) {
	if c.LogFormat == "json" {
		return logging.NewJSON(c.LoggingPaths, level, c.WorkerManagerID)
	}
	return logging.New(c.LoggingPaths, level)
}

func fail(err error) int {
	fmt.Fprintf(os.Stderr, "%s: error: %v\n", commandline.Program, err)
	return exitstatus.Failed
}

// printVersion tells ours, and which Python and Scaler would be used.
func printVersion() {
	fmt.Printf("scaler-native %s (%s/%s, %s)\n", version.Version, runtime.GOOS, runtime.GOARCH, runtime.Version())
	interpreter, err := python.Find("", os.LookupEnv)
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := exec.Command(interpreter.Path, "-c", askVersion).Output()
	text := strings.TrimSpace(string(found))
	if err != nil {
		text = fmt.Sprintf("cannot be run: %v", err)
	}
	fmt.Printf("%s (%s): %s\n", interpreter.Path, interpreter.Reason, text)
}

// handOver replaces this process by the installed Scaler's own program.
func handOver(arguments []string) error {
	interpreter, err := python.Find("", os.LookupEnv)
	if err != nil {
		return err
	}
	os.Unsetenv(python.StarterVariable)
	path, err := filepath.Abs(interpreter.Path)
	if err != nil {
		return err
	}
	return replace(path, append([]string{path, "-c", runScaler}, arguments[1:]...))
}
