package reference

// signals are what the manager catches, and what that does.
var signals = []struct{ name, effect string }{
	{"SIGTERM", "Stops the manager: each worker has --stop-timeout-seconds to exit, then its process group is killed. " +
		"With --drain-on-terminate the first one starts a drain instead."},
	{"SIGINT", "Stops the manager, without a drain."},
	{"SIGHUP", "Reopens the log files, if --logging-paths names one and the manager has no controlling terminal. " +
		"Otherwise it stops the manager, as SIGINT does. Ignored if it was ignored at the start, as under nohup."},
	{"SIGPIPE", "Nothing: the manager goes on if nobody reads its standard output any more."},
}

func signalsTable() string {
	t := newTable("signal to the manager", "effect")
	for _, s := range signals {
		t.add(s.name, prose(s.effect))
	}
	return t.String()
}
