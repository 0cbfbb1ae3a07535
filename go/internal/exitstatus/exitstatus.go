// Package exitstatus lists the exit statuses of scaler_worker_manager and scaler-native. The programs, their help and
// docs/reference.md take them from here.
package exitstatus

const (
	// OK, Failed and Usage are those of Scaler's own program. argparse exits with 2.
	OK     = 0
	Failed = 1
	Usage  = 2

	// NotFound and Timeout are for scaler-native only.
	NotFound = 3
	Timeout  = 4
)

// Meaning says when a program exits with a status.
type Meaning struct {
	Status int
	When   string
}

// Manager lists the statuses of scaler_worker_manager baremetal_native.
var Manager = []Meaning{
	{OK, "A signal or scaler-native stopped the manager, all workers of fixed mode have exited, or what was asked " +
		"for has been printed."},
	{Failed, "No usable Python or Scaler; no scheduler within --reconnect-timeout-seconds, or one that the installed " +
		"Scaler cannot talk to; another server at the scheduler's address; a value out of range; a log file that " +
		"cannot be opened; all workers failed."},
	{Usage, "The command line or the configuration file cannot be used: an unknown option, a value of the wrong " +
		"type, a file that is missing or not TOML."},
}

// Control lists the statuses of scaler-native.
var Control = []Meaning{
	{OK, "done"},
	{Failed, "the manager refused, or the command failed"},
	{Usage, "the command line cannot be used, or a name fits several managers or workers"},
	{NotFound, "there is no such manager or worker"},
	{Timeout, "the manager does not answer in time (--timeout)"},
}
