// Package program is the main function of scaler_worker_manager: it parses the command line, runs the chosen action and
// returns the exit status.
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

// disableVariable set to 0 runs Scaler's own worker manager instead.
const disableVariable = "SCALER_NATIVE"

// versionScript is a Python script that prints the versions of Python and Scaler.
var versionScript = sources.Directory + `
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

// scalerScript does what the script of Scaler's own program does, which ours may have replaced under the same name.
// Like there, sys.path begins with the directory of the script and has no working directory. Importing os is safe
// before: the interpreter has imported it already.
const scalerScript = `import os, sys
sys.argv[0] = "scaler_worker_manager"
if not getattr(sys.flags, "safe_path", False): sys.path[0] = os.path.realpath(os.path.dirname(sys.executable))
try: from scaler.entry_points.worker_manager import main
except ImportError as error: sys.exit(
    "scaler_worker_manager: error: cannot import Scaler with %s: %s; "
    "set SCALER_PYTHON to a Python that has it" % (sys.executable, error))
sys.exit(main())`

// Main runs the program with arguments as in os.Args and returns its exit status. If called as scaler-native, it is the
// client of the control API instead.
func Main(arguments []string) int {
	if filepath.Base(arguments[0]) == command.Name {
		return command.Main(arguments)
	}
	if os.Getenv(disableVariable) == "0" {
		return fail(execScaler(arguments))
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
		return fail(execScaler(arguments))
	}
	return runManager(outcome.Config, arguments)
}

func runManager(configuration *config.Config, arguments []string) int {
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

// printVersion prints our version, and those of the Python and Scaler that would be used.
func printVersion() {
	fmt.Printf("scaler-native %s (%s/%s, %s)\n", version.Version, runtime.GOOS, runtime.GOARCH, runtime.Version())
	interpreter, err := python.Find("", os.LookupEnv)
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := exec.Command(interpreter.Path, "-c", versionScript).Output()
	text := strings.TrimSpace(string(found))
	if err != nil {
		text = fmt.Sprintf("cannot be run: %v", err)
	}
	fmt.Printf("%s (%s): %s\n", interpreter.Path, interpreter.Reason, text)
}

// execScaler execs the installed Scaler's own program.
func execScaler(arguments []string) error {
	interpreter, err := python.Find("", os.LookupEnv)
	if err != nil {
		return err
	}
	os.Unsetenv(python.StarterVariable)
	path, err := filepath.Abs(interpreter.Path)
	if err != nil {
		return err
	}
	return execProgram(path, append([]string{path, "-c", scalerScript}, arguments[1:]...))
}
