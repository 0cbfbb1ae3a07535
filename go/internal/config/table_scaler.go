package config

// The options of Scaler's own worker manager, and what this program adds to logging, TLS and help.

var managerOptions = []Option{
	{
		Key: "scheduler_address", Kind: Address, Positional: true, Placeholder: "ADDRESS",
		Help: "address of the scheduler, e.g. tcp://127.0.0.1:8516",
	},
	{
		Key: "worker_manager_id", Short: "-wmi", Kind: Text, NotEmpty: true, Placeholder: "ID",
		Default: defaultIdentity, DefaultText: "NAT|HOSTNAME|RANDOM, or FIX|HOSTNAME|RANDOM in fixed mode",
		Help: "id of this manager; no other manager of the scheduler may have the same",
	},
	{
		Key: "worker_scheduler_address", Short: "-wsa", Kind: Address, Placeholder: "ADDRESS", Since: Release20,
		Renamed: []Name{
			{"--public-scheduler-address", Release126, Release126},
			{"-psa", Release126, Release126},
		},
		RenamedKey:  "public_scheduler_address",
		DefaultText: "the scheduler address",
		Help:        "address at which workers reach the scheduler, if it differs from the manager's",
	},
	{
		Key: "object_storage_address", Short: "-osa", Kind: Address, Placeholder: "ADDRESS",
		DefaultText: "the one that the scheduler announces",
		Help:        "address of the object storage server, e.g. tcp://127.0.0.1:8517",
	},
	{
		Key: "max_task_concurrency", Short: "-mtc", Kind: Integer, Range: &Range{Least: -1}, Placeholder: "N",
		Renamed:     []Name{{"-n", Release126, Native}, {"--num-of-workers", Release126, Native}},
		Default:     defaultConcurrency,
		DefaultText: "usable CPUs - 1, at least 1; all of them in fixed mode with worker type ORB",
		Help:        "maximum number of workers, -1 for no limit; in fixed mode, the number of workers",
	},
	{
		Key: "scale_down_cooldown_seconds", Short: "-sdc", Kind: Number, Range: nonNegative, Default: 30.0,
		Placeholder: "SECONDS", Since: Release29,
		Help: "how long the scheduler must ask for fewer workers before any is stopped; 0: stop them at once",
	},
	{
		Key: "mode", Kind: Choice, Choices: []string{"dynamic", "fixed"}, Default: "dynamic",
		Help: "dynamic: the scheduler decides how many workers run; fixed: start all of them at once",
	},
}

var workerOptions = []Option{
	{
		Key: "per_worker_capabilities", Short: "-pwc", Kind: CapabilityList, Placeholder: "LIST",
		Default: Capabilities{}, DefaultText: "none",
		Help: `capabilities that each worker offers, e.g. "linux,cpu=4"`,
	},
	{
		Key: "per_worker_task_queue_size", Short: "-wtqs", Kind: Integer, Range: positive, Default: int64(1000),
		Placeholder: "N",
		Help:        "maximum number of tasks queued at one worker",
	},
	{
		Key: "heartbeat_interval_seconds", Short: "-his", Kind: Seconds, Range: positive, Default: 2.0,
		Placeholder: "SECONDS",
		Help:        "interval between heartbeats",
	},
	{
		Key: "task_timeout_seconds", Short: "-tts", Kind: Seconds, Range: nonNegative, Default: 0.0,
		Placeholder: "SECONDS",
		Help:        "time after which a task fails; 0: never",
	},
	{
		Key: "death_timeout_seconds", Short: "-dts", Kind: Seconds, Range: positive, Default: 300.0,
		Placeholder: "SECONDS",
		Help:        "how long a worker runs without a scheduler before it exits",
	},
	{
		Key: "garbage_collect_interval_seconds", Short: "-gc", Kind: Seconds, Range: positive, Default: 30.0,
		Placeholder: "SECONDS",
		Help:        "interval between garbage collections",
	},
	{
		Key: "trim_memory_threshold_bytes", Short: "-tm", Kind: Integer, Range: nonNegative, Default: int64(1 << 30),
		Placeholder: "BYTES",
		Help:        "memory of a processor above which libc is asked to return free memory to the system",
	},
	{
		Key: "hard_processor_suspend", Short: "-hps", Kind: Flag, Default: false,
		Help: "suspend processors with SIGSTOP instead of an event",
	},
	{
		Key: "io_threads", Short: "-it", Kind: Integer, Range: positive, Default: int64(1), Placeholder: "N",
		// No parser of Scaler's has this name, but its ECS manager gives it to the managers that it starts (1.26 to 2.3).
		Renamed: []Name{{"--worker-io-threads", Native, Native}},
		Help:    "I/O threads of Scaler's own agent; native agents ignore it",
	},
	{
		Key: "event_loop", Short: "-el", Kind: Choice, Choices: []string{"builtin", "uvloop"}, Default: "builtin",
		Help: "event loop of Scaler's own agent; native agents ignore it",
	},
	{
		Key: "preload", Kind: Text, Placeholder: "SPEC",
		Help: `run first in every processor: "package.module:function(1, key=2)", or a module to import`,
	},
	{
		Key: "worker_type", Kind: Text, Placeholder: "PREFIX", DefaultText: "NAT, or FIX in fixed mode",
		Help: "prefix of the worker ids",
	},
}

var loggingOptions = []Option{
	{
		Key: "logging_paths", Short: "-lp", Kind: TextList, Default: []string{"/dev/stdout"}, Placeholder: "PATH",
		Help: "log files; each processor writes to a file of its own, with its process id in the name. SIGHUP reopens " +
			"the manager's file after a rotation, unless the manager has a controlling terminal: then SIGHUP stops " +
			"it, as SIGINT does",
	},
	{
		Key: "logging_config_file", Short: "-lcf", Kind: Text, Placeholder: "FILE",
		Help: "accepted for compatibility and not used: Scaler's workers do not read it either, and this manager has " +
			"no Python loggers",
	},
	{
		Key: "logging_level", Short: "-ll", Kind: Choice, Default: "INFO",
		Choices:       []string{"CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"},
		FileSpellings: map[string]string{"WARN": "WARNING", "FATAL": "CRITICAL", "NOTSET": "DEBUG"},
		Help:          "lowest severity that is logged",
	},
	{
		Key: "log_format", Kind: Choice, Choices: []string{"scaler", "json"}, Default: "scaler", Since: Native,
		Help: "format of the manager's log: scaler, the format of the installed Scaler; json, one object a line, with " +
			"worker, processor and task as fields. Processors log through Scaler's own code, always in its format",
	},
}

var tlsOptions = []Option{
	{
		Key: "tls_cert", Short: "-tc", Kind: Text, Placeholder: "FILE", Since: Release26,
		Help: "PEM certificate chain for connections to the scheduler; needs --tls-key",
	},
	{
		Key: "tls_key", Short: "-tk", Kind: Text, Placeholder: "FILE", Since: Release26,
		Help: "PEM private key of the certificate",
	},
	{
		Key: "tls_ca", Kind: Text, Placeholder: "FILE", Since: Native,
		Help: "PEM CA certificates that verify the scheduler's certificate. They protect the connections of the " +
			"manager and of native agents; Scaler's own agents and the processors verify nothing",
	},
}

var generalOptions = []Option{
	{
		Key: "dry_run", Kind: Flag, Action: true, OptionalValue: true, Choices: []string{"origins"}, Since: Native,
		Help: "print the resulting configuration as JSON and exit; --dry-run=origins prints it as TOML and says where " +
			"each value comes from. Values of --worker-env and --http-token are masked",
	},
	{
		Key: "version", Short: "-V", Kind: Flag, Action: true, Since: Native,
		Help: "print the version and exit",
	},
	{
		Key: "help", Short: "-h", Kind: Flag, Action: true,
		Help: "print this help and exit",
	},
}
