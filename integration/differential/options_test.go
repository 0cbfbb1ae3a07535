package differential

// optionSample has values to try with an option.
type optionSample struct {
	long, short string
	// good are accepted; the second overrides the first in tests of precedence.
	good []string
	// bad are refused everywhere, as unreadable or out of range.
	bad []string
	// file are TOML values that are accepted, fileBad are refused, fileWrong have a type that Scaler does not check.
	file, fileBad, fileWrong []string
	// with are other arguments that the option needs.
	with []string
	// missing is the difference for releases that do not have the option.
	missing string
	// fileStatus is the difference for a refusal of fileBad.
	fileStatus string
	noFile     bool
}

var notNumber = []string{"x", "", "1.5", "1e3", "0x10", "--", "1__0", "4 4"}

func number(long, short string, outOfRange ...string) optionSample {
	s := optionSample{long: long, short: short, good: []string{"7", "12", "+3", "1_000", " 5 ", "007"}}
	s.bad = append(append(s.bad, notNumber[:5]...), notNumber[6:]...)
	s.bad = append(s.bad, outOfRange...)
	s.file = []string{"7", `"12"`, `" 5 "`, "0x10", "1_0"}
	s.fileBad = append([]string{`"x"`, `""`, `"1.5"`}, outOfRange...)
	s.fileWrong = []string{"true", "[7]", "1979-05-27"}
	return s
}

// seconds may have a fraction in a file; other integers may not.
func seconds(long, short string, outOfRange ...string) optionSample {
	s := number(long, short, outOfRange...)
	s.file = append(s.file, "1.5", "3.0")
	return s
}

func integer(long, short string, outOfRange ...string) optionSample {
	s := number(long, short, outOfRange...)
	s.fileWrong = append(s.fileWrong, "1.5", "3.0")
	return s
}

func text(long, short string, good ...string) optionSample {
	return optionSample{long: long, short: short, good: good, file: []string{`"x"`, `'a "b"'`, "\"\"\"\nlines\n\"\"\""},
		fileWrong: []string{"5", "true", `["x"]`, "1.5"}}
}

func with(s optionSample, arguments ...string) optionSample {
	s.with = arguments
	return s
}

func missing(s optionSample, difference string) optionSample {
	s.missing = difference
	return s
}

var samples = []optionSample{
	text("--worker-manager-id", "-wmi", "NAT|a", "b c"),
	missing(optionSample{long: "--worker-scheduler-address", short: "-wsa",
		good: []string{"tcp://10.0.0.1:1", "ipc:///tmp/a b"},
		bad:  []string{"x", "", "tcp://h", "tcp://h:x"}, file: []string{`"tcp://h:1"`}, fileBad: []string{`"x"`},
		fileWrong: []string{"5"}}, "worker-scheduler-address-option"),
	missing(optionSample{long: "--public-scheduler-address", short: "-psa",
		good: []string{"tcp://10.0.0.1:1", "ipc:///tmp/a b"},
		bad:  []string{"x", "tcp://h:x"}, noFile: true}, "public-scheduler-address-option"),
	{long: "--object-storage-address", short: "-osa", good: []string{"tcp://10.0.0.1:1", "tcp://127.0.0.1:2"},
		bad: []string{"x", "", "http://h:1"}, file: []string{`"tcp://127.0.0.1:1"`}, fileBad: []string{`"x"`},
		fileWrong: []string{"5"}},
	integer("--max-task-concurrency", "-mtc", "-2"),
	{long: "--num-of-workers", short: "-n", good: []string{"7", "-1", "0"}, bad: []string{"x", "-2", "1.5"}, noFile: true},
	missing(optionSample{long: "--scale-down-cooldown-seconds", short: "-sdc",
		good: []string{"7", "0.5", "1e2", " 3 ", ".5", "1_0.5"},
		bad:  []string{"x", "", "-1", "0x1p2"}, file: []string{"7", "0.5", `"1e2"`}, fileBad: []string{`"x"`, "-1"},
		fileWrong: []string{"true", "[1]"}}, "scale-down-cooldown-option"),
	{long: "--per-worker-capabilities", short: "-pwc",
		good: []string{"linux", "gpu=1,linux", " a = 3 , b", "", "a,a=2", "a=1_0", "b=-1"},
		bad:  []string{"cpu=x", "cpu=1.5", "a,b=1=2"}, file: []string{`"linux,cpu=4"`, `""`}, fileBad: []string{`"cpu=x"`},
		fileWrong: []string{`["linux"]`, "{cpu = 4}", "4"}},
	integer("--per-worker-task-queue-size", "-wtqs", "0", "-1"),
	seconds("--heartbeat-interval-seconds", "-his", "0", "-1"),
	seconds("--task-timeout-seconds", "-tts", "-1"),
	seconds("--death-timeout-seconds", "-dts", "0", "-1"),
	seconds("--garbage-collect-interval-seconds", "-gc", "0", "-1"),
	integer("--trim-memory-threshold-bytes", "-tm", "-1"),
	integer("--io-threads", "-it", "0", "-1"),
	missing(optionSample{long: "--worker-io-threads", good: []string{"7", "12"}, bad: []string{"x", "0"}, noFile: true},
		"worker-io-threads-option"),
	{long: "--event-loop", short: "-el", good: []string{"uvloop", "builtin"}, bad: []string{"x", "", "UVLOOP"},
		file:    []string{`"uvloop"`},
		fileBad: []string{`"x"`, `""`}, fileStatus: "file-value-status"},
	text("--preload", "", "pkg.mod:func(1,k='x')", "pkg.mod", "mod:f(1, 'x y')", ""),
	text("--logging-config-file", "-lcf", "a.conf", "b.conf"),
	{long: "--logging-level", short: "-ll", good: []string{"DEBUG", "CRITICAL"},
		bad:  []string{"debug", "WARN", "", "NOTSET"},
		file: []string{`"ERROR"`}, fileBad: []string{`"debug"`, `""`}, fileStatus: "file-value-status"},
	missing(with(text("--tls-cert", "-tc", "a.pem", "b.pem"), "-tk", "k.pem"), "tls-options"),
	missing(with(text("--tls-key", "-tk", "a.pem", "b.pem"), "-tc", "c.pem"), "tls-options"),
	{long: "--mode", good: []string{"fixed", "dynamic"}, bad: []string{"FIXED", "", "x"},
		file:    []string{`"fixed"`, `"dynamic"`},
		fileBad: []string{`"FIXED"`, `"x"`}, fileWrong: []string{"1", "true"}},
	text("--worker-type", "", "GPU", ""),
}
