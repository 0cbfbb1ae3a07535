package config

import "github.com/scaler-native/scaler-native/go/internal/affinity"

// The options that only this program has.

var lifecycleOptions = []Option{
	{
		Key: "python", Kind: Text, Environment: "SCALER_PYTHON", Placeholder: "FILE",
		DefaultText: "the one next to this program, else of VIRTUAL_ENV, else of PATH",
		Help:        "Python interpreter that has Scaler installed",
	},
	{
		Key: "worker_agent", Kind: Choice, Choices: []string{"auto", "native", "scaler"}, Default: "auto",
		Help: "what talks to the scheduler for a worker: native, a part of this manager; scaler, Scaler's own Python " +
			"process; auto, native where it is known to work with the installed Scaler",
	},
	{
		Key: "warm_imports", Kind: CommaList, Default: []string{}, DefaultText: "none", Placeholder: "MODULES",
		Help: "modules, separated by commas, to import once and share among all workers. Random generators that a " +
			"module seeds from entropy on import are reseeded in every processor; other values computed on import, " +
			"such as a UUID, are the same in all of them",
	},
	{
		Key: "reconnect_timeout_seconds", Kind: Number, Range: nonNegative, Default: 600.0, Placeholder: "SECONDS",
		Help: "how long to look for a lost scheduler before the manager exits; 0: forever",
	},
	{
		Key: "stop_timeout_seconds", Kind: Number, Range: nonNegative, Default: 10.0, Placeholder: "SECONDS",
		Help: "how long a worker may take to exit before its process group is killed",
	},
	{
		Key: "drain_timeout_seconds", Kind: Number, Range: nonNegative, Default: 300.0, Placeholder: "SECONDS",
		Help: "how long a worker that the scheduler no longer wants may finish its running tasks; 0: not at all",
	},
	{
		Key: "drain_on_terminate", Kind: Number, Range: nonNegative, Default: 0.0, Placeholder: "SECONDS",
		Help: "how long running tasks may go on after the first SIGTERM before the manager exits; queued tasks are " +
			"left to other workers. A second signal stops the workers at once, a third kills them. SIGINT always " +
			"stops them at once. 0: SIGTERM does too",
	},
	{
		Key: "restart", Kind: Choice, Choices: []string{"never", "on-failure"},
		Default: defaultRestart, DefaultText: "never, in fixed mode",
		Help: "whether fixed mode replaces a worker that failed; dynamic mode does while the scheduler wants one",
	},
	{
		Key: "unresponsive_timeout_seconds", Kind: Number, Range: nonNegative, Default: 60.0, LinuxOnly: true,
		Placeholder: "SECONDS",
		Help: "how long a worker may stay stopped (SIGSTOP) before it is killed, and replaced where failed workers " +
			"are; 0: forever",
	},
}

var processorOptions = []Option{
	{
		Key: "spare_processors", Kind: Integer, Range: &Range{Least: 0, Most: 1000}, Default: int64(1), Placeholder: "N",
		Help: "processors kept ready, in total, for a worker's first task or in place of one that is cancelled, " +
			"suspended or dies; 0: none. Each takes some 4 MB. Only with native agents",
	},
	{
		Key: "max_tasks_per_processor", Kind: Integer, Range: &Range{Least: 0, Most: 1e9}, Placeholder: "N",
		Default: int64(0), DefaultText: "no limit",
		Help: "number of tasks after which a processor is replaced. Only with native agents",
	},
	{
		Key: "max_processor_age", Kind: Number, Range: nonNegative, Placeholder: "SECONDS",
		Default: 0.0, DefaultText: "no limit",
		Help: "age at which a processor is replaced as soon as it is idle, up to a tenth earlier so that workers take " +
			"turns. Only with native agents",
	},
	{
		Key: "recycle_processor_memory", Kind: Size, Range: nonNegative, Placeholder: "SIZE",
		Default: int64(0), DefaultText: "no limit",
		Help: "memory (PSS) above which a processor is replaced after its task; a size as in --worker-memory-limit. " +
			"Only with native agents",
	},
}

var resourceOptions = []Option{
	{
		Key: "cpu_affinity", Kind: CPUs, Default: affinity.Policy{}, LinuxOnly: true, Placeholder: "POLICY",
		Help: "CPUs that workers are pinned to: none; spread, across NUMA nodes and cores; compact, one core and node " +
			`after another; or a list such as "0-3,8"`,
	},
	{
		Key: "cpus_per_worker", Kind: Integer, Range: positive, Default: int64(1), Placeholder: "N",
		Help: "number of CPUs for each worker, with --cpu-affinity",
	},
	{
		Key: "worker_memory_limit", Kind: Size, Range: nonNegative, LinuxOnly: true, Placeholder: "SIZE",
		Default: int64(0), DefaultText: "none",
		Help: "memory of a worker and its processors above which its largest processor is killed: bytes, or " +
			"e.g. 500M, 1.5G, 4GiB (powers of 1024), 4GB (powers of 1000)",
	},
	{
		Key: "worker_memory_limit_by", Kind: Choice, Choices: []string{"auto", "cgroup", "pss"}, Default: "auto",
		LinuxOnly: true,
		Help: "what enforces --worker-memory-limit: cgroup, the kernel, by a cgroup (v2) for each worker, which needs a " +
			"delegated cgroup; pss, the manager, which reads the memory (PSS) once a second; auto: cgroup where possible",
	},
	{
		Key: "worker_env", Kind: Variables, Default: []string{}, DefaultText: "none", Placeholder: "NAME=VALUE",
		Help: "environment variable for workers; may be repeated. {slot} in the value becomes the worker's slot " +
			"number, from 0",
	},
	{
		Key: "nice", Kind: Integer, Range: &Range{Least: -20, Most: 19}, Default: int64(0), Placeholder: "N",
		Help: "niceness of the workers relative to the manager, -20 to 19; below 0 needs a privilege",
	},
	{
		Key: "processor_nice", Kind: Integer, Range: &Range{Least: 0, Most: 19}, Default: int64(0), Placeholder: "N",
		Help: "niceness of the processors relative to their worker, 0 to 19",
	},
	{
		Key: "oom_score_adj", Kind: Integer, Range: &Range{Least: 0, Most: 1000}, LinuxOnly: true, Placeholder: "N",
		DefaultText: "the manager's own",
		Help:        "how much sooner than other processes the kernel kills the workers when memory runs out, 0 to 1000",
	},
}

var controlOptions = []Option{
	{
		Key: "control_socket", Kind: Text, Placeholder: "PATH", DefaultText: "one in the user's runtime directory",
		Help: "unix socket through which scaler-native reaches the manager, open to its user and root only; none: no socket",
	},
	{
		Key: "http_address", Kind: HostPort, Placeholder: "HOST:PORT", DefaultText: "none",
		Help: "serve metrics for Prometheus (/metrics), probes (/healthz, /readyz), the state as JSON (/status) and a " +
			"page that shows it (/), e.g. at 127.0.0.1:9464, where every user of this machine can read them; port 0 " +
			"picks a free one. Nothing there changes anything. An address that is not loopback needs --http-token or " +
			"--http-tls-cert",
	},
	{
		Key: "http_token", Kind: Text, NotEmpty: true, Placeholder: "TOKEN|@FILE", DefaultText: "none",
		Help: `token that requests to --http-address must carry: "Authorization: Bearer TOKEN", or "?token=TOKEN" once ` +
			"for the page. Other users can see a token on a command line, but not one in a file",
	},
	{
		Key: "http_tls_cert", Kind: Text, NotEmpty: true, Placeholder: "FILE",
		Help: "PEM certificate chain with which --http-address serves HTTPS; needs --http-tls-key",
	},
	{
		Key: "http_tls_key", Kind: Text, NotEmpty: true, Placeholder: "FILE",
		Help: "PEM private key of that certificate",
	},
}
