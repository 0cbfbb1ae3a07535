package config

import (
	"runtime"

	"github.com/scaler-native/scaler-native/go/internal/affinity"
)

// Group is a heading of the help.
type Group string

const (
	GroupManager  Group = "Worker manager"
	GroupWorker   Group = "Workers"
	GroupLogging  Group = "Logging"
	GroupSecurity Group = "TLS"
	GroupNative   Group = "Only in scaler-native"
	GroupGeneral  Group = "General"
)

// Groups is the order of the headings.
var Groups = []Group{GroupManager, GroupWorker, GroupLogging, GroupSecurity, GroupNative, GroupGeneral}

const gibibyte = 1 << 30

var (
	positive    = &Range{Least: 0, Above: true}
	nonNegative = &Range{Least: 0}
)

// The order of the rows is the order of the dump.
var table = []Option{
	{Key: "scheduler_address", Kind: Address, Positional: true, Group: GroupManager, Placeholder: "ADDRESS",
		Help: "scheduler to work for, e.g. tcp://127.0.0.1:8516"},
	{Key: "worker_manager_id", Short: "-wmi", Kind: Text, NotEmpty: true, Group: GroupManager, Placeholder: "ID",
		Default: defaultIdentity, DefaultText: "NAT|<hostname>|<random>, FIX|... in fixed mode",
		Help: "name of this manager, different from that of every other manager of the scheduler"},
	{Key: "worker_scheduler_address", Short: "-wsa", Kind: Address, Group: GroupManager, Placeholder: "ADDRESS", Since: Release20,
		Renamed:    []Name{{"--public-scheduler-address", Release126, Release126}, {"-psa", Release126, Release126}},
		RenamedKey: "public_scheduler_address", DefaultText: "the scheduler address",
		Help: "scheduler address that the workers get, when theirs differs from the manager's"},
	{Key: "object_storage_address", Short: "-osa", Kind: Address, Group: GroupManager, Placeholder: "ADDRESS",
		DefaultText: "what the scheduler says", Help: "object storage server, e.g. tcp://127.0.0.1:8517"},
	{Key: "max_task_concurrency", Short: "-mtc", Kind: Integer, Range: &Range{Least: -1}, Group: GroupManager, Placeholder: "N",
		Renamed: []Name{{"-n", Release126, Native}, {"--num-of-workers", Release126, Native}},
		Default: defaultConcurrency, DefaultText: "usable CPUs - 1, at least 1",
		Help: "most workers at a time, -1 for no limit; in fixed mode, how many workers are started"},
	{Key: "scale_down_cooldown_seconds", Short: "-sdc", Kind: Number, Range: nonNegative, Default: 30.0, Group: GroupManager,
		Placeholder: "S", Since: Release29, Help: "how long fewer workers must have been asked for before some are stopped; 0: at once"},

	{Key: "per_worker_capabilities", Short: "-pwc", Kind: CapabilityList, Default: Capabilities{}, DefaultText: "none",
		Group: GroupWorker, Placeholder: "LIST", Help: `what the workers offer, e.g. "linux,cpu=4"`},
	{Key: "per_worker_task_queue_size", Short: "-wtqs", Kind: Integer, Range: positive, Default: int64(1000),
		Group: GroupWorker, Placeholder: "N", Help: "most tasks that wait at one worker"},
	{Key: "heartbeat_interval_seconds", Short: "-his", Kind: Seconds, Range: positive, Default: 2.0,
		Group: GroupWorker, Placeholder: "S", Help: "time between two heartbeats"},
	{Key: "task_timeout_seconds", Short: "-tts", Kind: Seconds, Range: nonNegative, Default: 0.0,
		Group: GroupWorker, Placeholder: "S", Help: "time after which a task fails; 0: never"},
	{Key: "death_timeout_seconds", Short: "-dts", Kind: Seconds, Range: positive, Default: 300.0,
		Group: GroupWorker, Placeholder: "S", Help: "time without the scheduler after which a worker ends"},
	{Key: "garbage_collect_interval_seconds", Short: "-gc", Kind: Seconds, Range: positive, Default: 30.0,
		Group: GroupWorker, Placeholder: "S", Help: "time between two garbage collections"},
	{Key: "trim_memory_threshold_bytes", Short: "-tm", Kind: Integer, Range: nonNegative, Default: int64(gibibyte),
		Group: GroupWorker, Placeholder: "BYTES", Help: "memory of a processor above which libc is asked to give some back"},
	{Key: "hard_processor_suspend", Short: "-hps", Kind: Flag, Default: false, Group: GroupWorker,
		Help: "suspend processors with SIGSTOP instead of an event"},
	{Key: "io_threads", Short: "-it", Kind: Integer, Range: positive, Default: int64(1), Group: GroupWorker, Placeholder: "N",
		Help: "threads of Scaler's own agent for input and output; without effect with a native one"},
	{Key: "event_loop", Short: "-el", Kind: Choice, Choices: []string{"builtin", "uvloop"}, Default: "builtin",
		Group: GroupWorker, Help: "event loop of Scaler's own agents; without effect with native ones"},
	{Key: "preload", Kind: Text, Group: GroupWorker, Placeholder: "SPEC",
		Help: `run first in every processor: "package.module:function(1, key=2)", or a module to import`},

	{Key: "logging_paths", Short: "-lp", Kind: TextList, Default: []string{"/dev/stdout"}, Group: GroupLogging, Placeholder: "PATH",
		Help: "where the log goes; processors write to files of their own, with their process id in the name. SIGHUP opens the " +
			"manager's file again after a rotation, unless the manager has a controlling terminal: then it stops, as by SIGTERM"},
	{Key: "logging_config_file", Short: "-lcf", Kind: Text, Group: GroupLogging, Placeholder: "FILE",
		Help: "accepted and not used: workers do not read it in Scaler either, and the manager has no Python loggers"},
	{Key: "logging_level", Short: "-ll", Kind: Choice, Choices: []string{"CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"},
		FileSpellings: map[string]string{"WARN": "WARNING", "FATAL": "CRITICAL", "NOTSET": "DEBUG"},
		Default:       "INFO", Group: GroupLogging, Help: "least severity that is logged"},

	{Key: "tls_cert", Short: "-tc", Kind: Text, Group: GroupSecurity, Placeholder: "FILE", Since: Release26,
		Help: "PEM certificate chain"},
	{Key: "tls_key", Short: "-tk", Kind: Text, Group: GroupSecurity, Placeholder: "FILE", Since: Release26,
		Help: "PEM private key of the certificate"},

	{Key: "mode", Kind: Choice, Choices: []string{"dynamic", "fixed"}, Default: "dynamic", Group: GroupManager,
		Help: "dynamic: the scheduler decides how many workers there are; fixed: start them all at once"},
	{Key: "worker_type", Kind: Text, Group: GroupWorker, Placeholder: "PREFIX", DefaultText: "NAT, FIX in fixed mode",
		Help: "first part of the worker ids"},

	{Key: "log_format", Kind: Choice, Choices: []string{"scaler", "json"}, Default: "scaler", Group: GroupNative,
		Since: Native,
		Help: "how the manager writes its log: scaler, as the installed Scaler does; json, an object a line, which names " +
			"worker, processor and task in fields. The lines of processors are written by Scaler's own code and stay as " +
			"they are"},
	{Key: "python", Kind: Text, Environment: "SCALER_PYTHON", Group: GroupNative, Placeholder: "FILE", Since: Native,
		DefaultText: "the one beside this program, of VIRTUAL_ENV, or of PATH", Help: "Python interpreter that has Scaler"},
	{Key: "tls_ca", Kind: Text, Group: GroupNative, Placeholder: "FILE", Since: Native,
		Help: "PEM certificates to verify the scheduler with. This secures the manager's connection, and not those of the workers: " +
			"Scaler's own code there verifies nothing"},
	{Key: "reconnect_timeout_seconds", Kind: Number, Range: nonNegative, Default: 600.0, Group: GroupNative, Placeholder: "S",
		Since: Native, Help: "how long to look for a lost scheduler before the manager ends; 0: for ever"},
	{Key: "stop_timeout_seconds", Kind: Number, Range: nonNegative, Default: 10.0, Group: GroupNative, Placeholder: "S",
		Since: Native, Help: "how long a worker may take to end before its process group is killed"},
	{Key: "drain_timeout_seconds", Kind: Number, Range: nonNegative, Default: 300.0, Group: GroupNative, Placeholder: "S",
		Since: Native, Help: "how long a busy worker that is not wanted any more may go on with its task; 0: not at all"},
	{Key: "drain_on_terminate", Kind: Number, Range: nonNegative, Default: 0.0, Group: GroupNative, Placeholder: "S",
		Since: Native, Help: "how long tasks that run may go on after the first SIGTERM, before the manager ends; those that wait " +
			"are left to other workers. A second signal stops at once, a third kills. SIGINT always stops at once; 0: SIGTERM too"},
	{Key: "warm_imports", Kind: CommaList, Default: []string{}, DefaultText: "none", Group: GroupNative, Placeholder: "MODULES",
		Since: Native, Help: "modules, separated by commas, that are imported once and shared by all workers. Random generators that a module " +
			"made from entropy at its import are reseeded in every processor; other values made then, as a UUID, are the same in all"},
	{Key: "worker_agent", Kind: Choice, Choices: []string{"auto", "native", "scaler"}, Default: "auto", Group: GroupNative, Since: Native,
		Help: "what talks to the scheduler for a worker: native, which is a part of the manager; scaler, Scaler's own Python process; " +
			"auto: native where the installed Scaler is known to work with it"},
	{Key: "spare_processors", Kind: Integer, Range: &Range{Least: 0, Most: 1000}, Default: int64(1), Group: GroupNative, Placeholder: "N",
		Since: Native,
		Help: "processors that are kept ready, in all, for a worker's first task or in place of one that is cancelled, suspended or dies; " +
			"0: none. Each takes some 4 MB. There are none with Scaler's own agents"},
	{Key: "max_tasks_per_processor", Kind: Integer, Range: &Range{Least: 0, Most: 1e9}, Default: int64(0), DefaultText: "no limit",
		Group: GroupNative, Placeholder: "N", Since: Native,
		Help: "tasks after which a processor is replaced by a new one. Without effect with Scaler's own agents, as the next two"},
	{Key: "max_processor_age", Kind: Number, Range: nonNegative, Default: 0.0, DefaultText: "no limit", Group: GroupNative,
		Placeholder: "S", Since: Native,
		Help: "age at which a processor is replaced by a new one as soon as it has no task; up to a tenth less, by worker"},
	{Key: "recycle_processor_memory", Kind: Size, Range: nonNegative, Default: int64(0), DefaultText: "no limit", Group: GroupNative,
		Placeholder: "SIZE", Since: Native,
		Help: "memory of a processor (PSS) above which it is replaced by a new one after its task; as in --worker-memory-limit"},
	{Key: "restart", Kind: Choice, Choices: []string{"never", "on-failure"}, Default: defaultRestart, DefaultText: "never, in fixed mode",
		Group: GroupNative, Since: Native,
		Help: "whether fixed mode replaces a worker that failed; dynamic mode does so as long as the scheduler wants it"},
	{Key: "unresponsive_timeout_seconds", Kind: Number, Range: nonNegative, Default: 60.0, LinuxOnly: true, Group: GroupNative,
		Placeholder: "S", Since: Native,
		Help: "how long a worker may be stopped (SIGSTOP) before it is killed and replaced, where dead workers are; 0: for ever"},
	{Key: "cpu_affinity", Kind: CPUs, Default: affinity.Policy{}, LinuxOnly: true, Group: GroupNative, Placeholder: "POLICY", Since: Native,
		Help: "CPUs that workers are bound to: none, spread (over NUMA nodes and cores), compact (one core and node after the " +
			`other), or some of a list like "0-3,8"`},
	{Key: "cpus_per_worker", Kind: Integer, Range: positive, Default: int64(1), Group: GroupNative, Placeholder: "N", Since: Native,
		Help: "how many CPUs each worker gets, if workers are bound to CPUs"},
	{Key: "worker_memory_limit", Kind: Size, Range: nonNegative, Default: int64(0), DefaultText: "none", LinuxOnly: true,
		Group: GroupNative, Placeholder: "SIZE", Since: Native,
		Help: "memory of a worker with its processors (PSS) above which its largest processor is ended: bytes, or e.g. 500M, 1.5G, " +
			"4GiB (powers of 1024), 4GB (powers of 1000)"},
	{Key: "worker_env", Kind: Variables, Default: []string{}, DefaultText: "none", Group: GroupNative, Placeholder: "NAME=VALUE", Since: Native,
		Help: "variable for the environment of workers, may be repeated; {slot} in the value becomes the number of the " +
			"worker's slot, from 0"},
	{Key: "nice", Kind: Integer, Range: &Range{Least: -20, Most: 19}, Default: int64(0), Group: GroupNative, Placeholder: "N", Since: Native,
		Help: "niceness of the workers, added to the manager's own, -20 to 19; below 0 needs a privilege"},
	{Key: "processor_nice", Kind: Integer, Range: &Range{Least: 0, Most: 19}, Default: int64(0), Group: GroupNative, Placeholder: "N",
		Since: Native, Help: "niceness of the processors, added to that of their worker, 0 to 19"},
	{Key: "oom_score_adj", Kind: Integer, Range: &Range{Least: 0, Most: 1000}, LinuxOnly: true, Group: GroupNative, Placeholder: "N", Since: Native,
		DefaultText: "the manager's own", Help: "0 to 1000: how much sooner than others the workers are killed when the host runs out of memory"},
	{Key: "control_socket", Kind: Text, Group: GroupNative, Placeholder: "PATH", Since: Native,
		DefaultText: "one in the user's runtime directory",
		Help:        "unix socket at which the program scaler-native reaches the manager, for its user and root alone; none: no socket"},

	{Key: "http_address", Kind: HostPort, Group: GroupNative, Placeholder: "HOST:PORT", DefaultText: "none", Since: Native,
		Help: "serve metrics for Prometheus (/metrics), probes (/healthz, /readyz), the state as JSON (/status) and a page that shows it (/), " +
			"e.g. at 127.0.0.1:9464, where every user of the machine may look; port 0: a free one. They show, and change nothing. An " +
			"address that is not loopback needs --http-token or --http-tls-cert"},
	{Key: "http_token", Kind: Text, NotEmpty: true, Group: GroupNative, Placeholder: "TOKEN|@FILE", DefaultText: "none", Since: Native,
		Help: "what a request to --http-address has to bring: \"Authorization: Bearer TOKEN\", or \"?token=TOKEN\" once for the page. " +
			"Others see a token on a command line: better have it in a file"},
	{Key: "http_tls_cert", Kind: Text, NotEmpty: true, Group: GroupNative, Placeholder: "FILE", Since: Native,
		Help: "PEM certificate chain with which --http-address serves HTTPS"},
	{Key: "http_tls_key", Kind: Text, NotEmpty: true, Group: GroupNative, Placeholder: "FILE", Since: Native,
		Help: "PEM private key of that certificate"},

	{Key: "dry_run", Kind: Flag, Action: true, OptionalValue: true, Group: GroupGeneral, Since: Native, Choices: []string{"origins"},
		Help: "print the resulting configuration as JSON and end; --dry-run=origins: as TOML that says where each value comes from. " +
			"Values of --worker-env and --http-token are masked"},
	{Key: "version", Short: "-V", Kind: Flag, Action: true, Group: GroupGeneral, Since: Native, Help: "print the version and end"},
	{Key: "help", Short: "-h", Kind: Flag, Action: true, Group: GroupGeneral, Help: "print this help and end"},
}

// In dynamic mode the option has no value: it is refused there.
func defaultRestart(values map[string]any) any {
	if values["mode"] == "fixed" {
		return "never"
	}
	return nil
}

// One CPU is left to the scheduler and the client of the same host. runtime.NumCPU counts what the affinity of the
// process allows, os.cpu_count (Scaler's default) all CPUs of the host.
func defaultConcurrency(map[string]any) any {
	return int64(max(runtime.NumCPU()-1, 1))
}
