package reference

// variable is a variable of the environment that one of the programs reads.
type variable struct {
	name    string
	meaning string
}

var variables = []variable{
	{"SCALER_PYTHON", "The Python interpreter that has Scaler, as --python. Empty counts as unset."},
	{"VIRTUAL_ENV", "The virtual environment whose Python is used if neither --python nor SCALER_PYTHON is given and " +
		"none stands next to the program."},
	{"PATH", "Where Python is looked for last."},
	{"SCALER_NATIVE", "0: run the worker manager of the installed Scaler instead of this one."},
	{"SCALER_NETWORK_BACKEND", "Scaler's variable for the transport. Workers get the one that the scheduler speaks, " +
		"whatever it is set to."},
	{"SCALER_NATIVE_SOCKET", "The control socket that scaler-native connects to, as --socket."},
	{"XDG_RUNTIME_DIR", "The control socket is below this directory, in scaler-native, if the user owns it."},
	{"TMPDIR", "Where there is no runtime directory, the control socket is below this one or /tmp, in scaler-native-UID."},
	{"PYTHONHOME", "Python's variable, which the error names if that Python does not start."},
	{"HOME", "Replaces ~ in --logging-paths, in which $NAME stands for any variable."},
	{"GOMAXPROCS", "Threads that run the manager's own code at a time. Unset means one, which is fastest."},
	{"NOTIFY_SOCKET", "Set by systemd: where the manager reports that it is ready, and its status. Removed."},
	{"WATCHDOG_USEC", "Set by systemd: how often it expects a sign of life. Removed."},
	{"WATCHDOG_PID", "Set by systemd: from which process. Removed."},
	{"SCALER_NATIVE_CALLER", "Internal: how a Python program that becomes the manager describes itself. Removed."},
	{"SCALER_NATIVE_PYTHON", "Internal: the Python that started the program. Removed."},
	{"TERM", "The terminal of scaler-native top; dumb turns bold text off."},
	{"NO_COLOR", "Set to anything, turns bold text of scaler-native off."},
}

func variablesTable() string {
	t := newTable("variable", "meaning")
	for _, v := range variables {
		t.add("`"+v.name+"`", prose(v.meaning))
	}
	return t.String()
}
