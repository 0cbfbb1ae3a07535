package differential

// addresses tries addresses as the positional argument and in a file.
func (g *generator) addresses() {
	newer, nowhere := "address-of-newer-release", "address-nowhere"
	for _, a := range []struct{ text, difference string }{
		{"tcp://h:1", ""}, {"tcp://127.0.0.1:65535", ""}, {"ipc:///tmp/a:b", ""}, {"ipc://@abstract", ""},
		{"tcp://h: 80 ", ""},
		{"tls://h:1", newer}, {"ws://h:1/p", newer}, {"wss://h:1", newer}, {"tcp://h:1/p", newer}, {"tcp://[::1]:1", newer},
		{"tcp://::1:1", newer},
		{"inproc://x", nowhere}, {"tcp://:1", nowhere}, {"ipc://", nowhere}, {"tcp://h:0", nowhere},
		{"tcp://h:65536", nowhere},
		{"h:1", ""}, {"tcp:/h:1", ""}, {"tcp://h", ""}, {"tcp://h:", ""}, {"tcp://h:x", ""}, {"http://h:1", ""},
		{"TCP://h:1", ""}, {"://h:1", ""}, {"", ""},
	} {
		g.add(list(a.difference), native, a.text, "-wmi", "x", "-mtc", "4")
		g.addSection(list(a.difference), "scheduler_address = \""+a.text+"\"")
	}
	for _, a := range []string{"tcp://localhost:1", "ipc:///tmp/a"} {
		g.add(list("object-storage-address-name"), append(base, "-osa", a)...)
	}
}

// commandLines tries argparse's habits.
func (g *generator) commandLines() {
	for _, more := range [][]string{
		{}, {"-mt", "5"}, {"-mt=5"}, {"-m", "5"}, {"-m5"}, {"-n5"}, {"-n=5"}, {"-n", "-1"}, {"-mtc", "-1"}, {"-mtc=-1"},
		{"-mtc", "-1.5"}, {"-mtc", "-2", "-mtc", "3"},
		{"-hps"}, {"--hard"}, {"-hp"}, {"-hps4"}, {"-hps=1"}, {"--hard-processor-suspend=true"}, {"-hps", "-hps"}, {"--ha"},
		{"--h"}, {"--he"},
		{"--hel"}, {"-h"}, {"--help"}, {"--help=x"}, {"-mtc", "x", "--help"}, {"--help", "-mtc", "x"},
		{"--nonsense", "--help"},
		{"-lp"}, {"-lp", "a", "b"}, {"--logging-paths=a"}, {"--logging-paths=a", "b"}, {"-lp", "a", "-lp", "b"},
		{"-lp", "a", "--"}, {"-lp", ""}, {"--logging-p", "a"}, {"-lp", "-5"},
		{"-l", "a"}, {"-lc", "a"}, {"-lpa"}, {"--log", "a"}, {"--logging-l", "DEBUG"}, {"--t", "1"}, {"--ta", "1"},
		{"--tr", "1"}, {"-t", "1"}, {"-tt", "1"}, {"--tls", "a"},
		{"-w", "x"}, {"-wm", "x"}, {"-wt", "5"}, {"--worker", "x"}, {"--worker-", "x"}, {"--worker-m", "x"},
		{"--worker-t", "x"}, {"--p", "x"}, {"--per", "x"}, {"--pr", "x"}, {"--m", "5"}, {"--mo", "fixed"},
		{"--max=5"}, {"--n", "5"}, {"-i", "5"}, {"-e", "uvloop"}, {"-d", "5"}, {"-g", "5"}, {"--d", "5"}, {"--g", "5"},
		{"--i", "5"}, {"--e", "uvloop"}, {"-o", "tcp://127.0.0.1:1"}, {"--o", "tcp://127.0.0.1:1"},
		{"--preload", "-x"}, {"--preload=-x"}, {"--preload", "-x y"}, {"--preload", "-5"}, {"--preload", "--"},
		{"--preload="}, {"--preload=a=b"}, {"--preload", "-"}, {"--preload", "--mode"},
		{"--nonsense"}, {"--nonsense", "x"}, {"-x"}, {"-mtc4"}, {"surplus"}, {"--", "surplus"}, {"--"}, {"-5"}, {""}, {"-"},
		{"--mode", "fixed", "-mtc", "-1"}, {"--mode", "fixed", "-mtc", "0"}, {"-wmi", ""},
		{"--config", ""}, {"--config"}, {"-c"},
	} {
		g.add(nil, append(base[:len(base):len(base)], more...)...)
	}
	for _, more := range [][]string{
		{"--config", "/nonexistent/file"}, {"-c/nonexistent/file"}, {"--conf=/nonexistent/file"}, {"-c=/nonexistent/file"},
		{"--=x"},
	} {
		g.add(list("file-status"), append(base[:len(base):len(base)], more...)...)
	}
	for _, whole := range [][]string{
		{}, {"-c"}, {"--mode=fixed", native, address, "-wmi", "x", "-n", "4"},
		{native, "--", address, "-wmi", "x", "-mtc", "4"}, {native, "-wmi", "x"}, {native},
		{native, "-wmi", "x", "-n", "4", "--", address}, {native, "-n", "4", "-wmi", "x", address},
		{native, "-lp", "a", address, "-wmi", "x", "-n", "4"},
		{native, "-wmi", "x", "-n", "4", "-lp", "a", "--", address}, {"--", native, address, "-wmi", "x", "-mtc", "4"},
		{"--help", native}, {native, "-hps", address, "-wmi", "x", "-n", "4"},
		{native, address, address, "-wmi", "x"}, {native, native, "-wmi", "x"}, {"-wmi=x", "-n=4", native, address},
	} {
		g.add(nil, whole...)
	}
}

// files tries the shape of the file.
func (g *generator) files() {
	entry := "type = \"baremetal_native\"\nscheduler_address = \"tcp://h:1\"\n" +
		"worker_manager_id = \"x\"\nmax_task_concurrency = 4\n"
	for _, text := range []string{
		"[worker_manager]\n" + entry,
		"[[worker_manager]]\n" + entry,
		"[[worker_manager]]\ntype = \"symphony\"\nmode = 5\n[[worker_manager]]\n" + entry,
		"[[worker_manager]]\n" + entry + "[[worker_manager]]\ntype = \"symphony\"\n[scheduler]\nmode = 5\n",
		"worker_manager = [{type = \"baremetal_native\", scheduler_address = \"tcp://h:1\", " +
			"worker_manager_id = \"x\", max_task_concurrency = 4}]\n",
		"worker_manager.type = \"baremetal_native\"\nworker_manager.scheduler_address = \"tcp://h:1\"\n" +
			"worker_manager.worker_manager_id = \"x\"\nworker_manager.max_task_concurrency = 4\n",
		"[worker_manager]\r\n" + entry,
		"[worker_manager]\n" + entry + "max-task-concurrency = 5\n",
		"[worker_manager]\n" + entry + "unknown = 5\nmax_task_concurency = 7\nnum_of_workers = 9\nn = 9\n" +
			"[worker_manager.logging]\nlogging_level = \"DEBUG\"\n",
		"[worker_manager]\n" + entry + "help = true\nconfig = \"x\"\n",
		"[worker_manager]\n" + entry + "logging_paths = \"a\"\n",
		"[worker_manager]\n" + entry + "logging_paths = []\n",
		"[worker_manager]\n" + entry + "logging_paths = [\"a\", \"b\"]\n",
		"[worker_manager]\n" + entry + "hard_processor_suspend = true\n",
		"[worker_manager]\n" + entry + "hard_processor_suspend = \"TRUE\"\n",
		"[worker_manager]\n" + entry + "hard-processor-suspend = \"false\"\n",
		"[worker_manager]\n" + entry + "mode = \"fixed\"\nmax-task-concurrency = -1\n",
	} {
		g.addFile(nil, text, native)
		g.addFile(nil, text, append(base, "--mode", "fixed")...)
		g.addFile(nil, text, native, "--help")
	}
	for _, text := range []string{
		"[worker_manager]\n" + entry + "worker_manager_id = \"y\"\n",
		"[worker_manager]\nscheduler_address = \"tcp://h:1\"\n", "[worker_manager]\ntype = 5\n",
		"[worker_manager]\ntype = \"Baremetal_native\"\n",
		"[worker-manager]\n" + entry, "[worker_managers]\n" + entry, "[[worker_manager]]\n" + entry + "[[worker_manager]]\n" +
			entry,
		"", "worker_manager = 5\n", "worker_manager = \"x\"\n", "worker_manager = [5]\n", "worker_manager = []\n",
		"worker_manager = true\n", "x = = 3\n", "[worker_manager\n", "x = \"\xff\"\n",
	} {
		g.addFile(list("file-status"), text, native)
		g.addFile(list("file-status"), text, append(base, "--mode", "fixed")...)
		g.addFile(list("file-status"), text, native, "--help")
	}
	g.addFile(list("file-syntax"), "\ufeff[worker_manager]\n"+entry, native)
	g.addFile(nil, "[worker_manager]\n"+entry+"logging_level = \"FATAL\"\n", append(base, "-ll", "INFO")...)
	g.addFile(nil, "[worker_manager]\n"+entry, native, "-c", "/nonexistent/file")
	g.addFile(nil, "[worker_manager]\n"+entry+"hard_processor_suspend = false\n", native, "-hps")
}

// deviations tries what is different on purpose.
func (g *generator) deviations() {
	g.add(list("worker-manager-id-optional"), native, address)
	g.add(list("worker-manager-id-optional"), native, address, "--mode", "fixed", "-n", "4")
	g.add(list("default-concurrency"), native, address, "-wmi", "x")
	g.add(list("abbreviation-of-another-release"), append(base, "-p", "linux")...)
	g.add(list("public-scheduler-address-option"), append(base, "-ps", "tcp://h:1")...)
	g.add(list("public-scheduler-address-option"), append(base, "--pu=tcp://h:1")...)
	g.add(list("worker-scheduler-address-option"), append(base, "-ws", "tcp://h:1")...)
	g.add(list("worker-scheduler-address-option"), append(base, "--worker-s=tcp://h:1")...)
	g.add(list("scale-down-cooldown-option"), append(base, "-s", "5")...)
	g.add(list("scale-down-cooldown-option"), append(base, "--s", "5")...)
	g.add(list("tls-options"), append(base, "--tls-c", "a", "--tls-k", "b")...)
	g.add(list("tls-options"), append(base, "-tc", "a")...)
	g.addSection(list("tls-options"), `tls_cert = "a"`)
	g.addSection(nil, "tls_cert = \"a\"\ntls-key = \"b\"")
	g.addSection(list("public-scheduler-address-key"), `public_scheduler_address = "tcp://h:1"`)
	g.addSection(list("public-scheduler-address-key"), `public-scheduler-address = "x"`)
	for _, own := range [][]string{{"--python", "p"}, {"--py", "p"}, {"--tls-ca", "a"},
		{"--reconnect-timeout-seconds", "1.5"}, {"--reco", "0"}, {"--stop-timeout-seconds=0"},
		{"--warm-imports", "a,b"}, {"--dry-run"}, {"--dry"}, {"--version"}, {"--stop-timeout-seconds=-1"},
		{"--drain-timeout-seconds", "0"}, {"--drain-t", "1.5"}, {"--restart", "never", "--mode", "fixed"},
		{"--restart", "never"}, {"--cpu-affinity", "0-3,8"}, {"--cpu-a=spread"},
		{"--cpus-per-worker", "2"}, {"--worker-memory-limit", "1.5G"}, {"--worker-memory-limit", "4"},
		{"--worker-env", "A={slot}", "--worker-env", "B=2"},
		{"--nice", "-5"}, {"--nice=20"}, {"--unresponsive-timeout-seconds", "0"}, {"--unr=-1"}, {"--oom-score-adj", "500"},
		{"--spare-processors", "0"}, {"--spare-processors=-1"}, {"--log-format", "json"}, {"--control-socket", "none"},
		{"--http-address", "127.0.0.1:9464"}, {"--http-address=:9464"}, {"--http-a", "h:1", "--http-to", "x"},
		{"--max-tasks-per-processor", "10"}, {"--max-tasks-per-processor=-1"},
		{"--max-processor-age", "0.5"}, {"--recycle-processor-memory", "1G"}, {"--recycle-processor-memory", "4"},
		{"--processor-nice", "5"},
		{"--processor-nice=-1"}} {
		g.add(list("own-options"), append(base, own...)...)
	}
	g.addSection(list("own-keys"), "python = 5")
	g.addSection(list("own-keys"), "stop_timeout_seconds = -1")
	g.addSection(list("own-keys"), `cpu_affinity = "x"`)
	g.addSection(list("own-keys"), "worker_memory_limit = 4")
	g.addSection(list("own-keys"), `worker_env = ["A"]`)
	g.addSection(list("own-keys"), `restart = "never"`)
	g.addSection(list("own-keys"), "nice = 20")
	g.addSection(list("own-keys"), "spare_processors = -1")
	g.addSection(list("own-keys"), `log_format = "text"`)
	g.addSection(list("own-keys"), `http_address = "0.0.0.0:9464"`)
	g.addSection(list("own-keys"), "max_tasks_per_processor = 1.5")
	g.addSection(list("own-keys"), "max_processor_age = -1")
	g.addSection(list("own-keys"), "recycle_processor_memory = 4")
	g.addSection(list("own-keys"), "processor_nice = 20")
	g.addSection(nil, "cpu_affinity = \"compact\"\ncpus-per-worker = 2\nworker_memory_limit = \"1.5G\"\n"+
		"worker_env = [\"A=1\"]\n"+
		"nice = 5\noom_score_adj = 0\ndrain_timeout_seconds = 1\nunresponsive_timeout_seconds = 2.5")
	g.addSection(nil, "warm_imports = [\"a\"]\nreconnect_timeout_seconds = 0\ntls_ca = \"a\"")
	g.add(list("overall-help"), "--help")
	for _, value := range []string{"cpu=", "=3", "a,", ",", "a,,b"} {
		g.add(list("capability-without-name-or-value"), append(base, "-pwc", value)...)
	}
	g.add(list("number-without-use"), append(base, "-sdc", "inf")...)
	g.add(list("number-without-use"), append(base, "-sdc", "nan")...)
	g.add(list("integer-too-large"), append(base, "-mtc", "9223372036854775808")...)
	g.add(nil, append(base, "-mtc", "9223372036854775807")...)
	for _, level := range []string{"WARN", "FATAL", "NOTSET"} {
		g.addSection(list("logging-level-spelling"), `logging_level = "`+level+`"`)
	}
	g.addSection(list("file-value-status"), `hard_processor_suspend = "yes"`)
	for _, line := range []string{"hard_processor_suspend = 1", "logging_paths = [1]", "scheduler_address = 5",
		"logging_level = 10", "scale_down_cooldown_seconds = inf"} {
		g.addSection(list("file-type-checked"), line)
	}
}
