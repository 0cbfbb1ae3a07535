package config

import (
	"fmt"
	"math"
	"time"

	"github.com/mitchellh/mapstructure"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/affinity"
)

// Config is a configuration that passed every check. A value that is not set is the zero value; Given tells the
// difference where the zero value is possible.
type Config struct {
	SchedulerAddress       address.Address `mapstructure:"scheduler_address"`
	WorkerManagerID        string          `mapstructure:"worker_manager_id"`
	WorkerSchedulerAddress address.Address `mapstructure:"worker_scheduler_address"`
	ObjectStorageAddress   address.Address `mapstructure:"object_storage_address"`
	// MaxTaskConcurrency is -1 (no limit) or not negative; in fixed mode it is not negative.
	MaxTaskConcurrency       int64   `mapstructure:"max_task_concurrency"`
	ScaleDownCooldownSeconds float64 `mapstructure:"scale_down_cooldown_seconds"`

	PerWorkerCapabilities         Capabilities `mapstructure:"per_worker_capabilities"`
	PerWorkerTaskQueueSize        int64        `mapstructure:"per_worker_task_queue_size"`
	HeartbeatIntervalSeconds      float64      `mapstructure:"heartbeat_interval_seconds"`
	TaskTimeoutSeconds            float64      `mapstructure:"task_timeout_seconds"`
	DeathTimeoutSeconds           float64      `mapstructure:"death_timeout_seconds"`
	GarbageCollectIntervalSeconds float64      `mapstructure:"garbage_collect_interval_seconds"`
	TrimMemoryThresholdBytes      int64        `mapstructure:"trim_memory_threshold_bytes"`
	HardProcessorSuspend          bool         `mapstructure:"hard_processor_suspend"`
	IOThreads                     int64        `mapstructure:"io_threads"`
	EventLoop                     string       `mapstructure:"event_loop"`
	Preload                       string       `mapstructure:"preload"`

	LoggingPaths      []string `mapstructure:"logging_paths"`
	LoggingConfigFile string   `mapstructure:"logging_config_file"`
	LoggingLevel      string   `mapstructure:"logging_level"`

	TLSCert string `mapstructure:"tls_cert"`
	TLSKey  string `mapstructure:"tls_key"`

	// Mode is "dynamic" or "fixed".
	Mode       string `mapstructure:"mode"`
	WorkerType string `mapstructure:"worker_type"`

	// LogFormat is "scaler" or "json".
	LogFormat string `mapstructure:"log_format"`

	Python string `mapstructure:"python"`
	TLSCA  string `mapstructure:"tls_ca"`
	// ReconnectTimeoutSeconds is 0 when there is no limit.
	ReconnectTimeoutSeconds float64 `mapstructure:"reconnect_timeout_seconds"`
	StopTimeoutSeconds      float64 `mapstructure:"stop_timeout_seconds"`
	DrainTimeoutSeconds     float64 `mapstructure:"drain_timeout_seconds"`
	// DrainOnTerminateSeconds is 0 when SIGTERM stops at once.
	DrainOnTerminateSeconds float64  `mapstructure:"drain_on_terminate"`
	WarmImports             []string `mapstructure:"warm_imports"`
	// WorkerAgent is "auto", "native" or "scaler".
	WorkerAgent string `mapstructure:"worker_agent"`
	// SpareProcessors is how many are kept in all.
	SpareProcessors int64 `mapstructure:"spare_processors"`
	// Restart is "never" or "on-failure" in fixed mode, and empty in dynamic mode.
	Restart string `mapstructure:"restart"`
	// UnresponsiveTimeoutSeconds is 0 when a worker may be stopped for ever.
	UnresponsiveTimeoutSeconds float64         `mapstructure:"unresponsive_timeout_seconds"`
	CPUAffinity                affinity.Policy `mapstructure:"cpu_affinity"`
	// CPUsPerWorker is at least 1, and has no meaning without CPUAffinity.
	CPUsPerWorker int64 `mapstructure:"cpus_per_worker"`
	// WorkerMemoryLimit is in bytes, 0 when there is no limit.
	WorkerMemoryLimit int64 `mapstructure:"worker_memory_limit"`
	// WorkerMemoryLimitBy is "auto", "cgroup" or "pss".
	WorkerMemoryLimitBy string `mapstructure:"worker_memory_limit_by"`
	// WorkerEnv holds NAME=VALUE; see WorkerEnvironment.
	WorkerEnv []string `mapstructure:"worker_env"`
	// Nice is added to the niceness of the manager.
	Nice int64 `mapstructure:"nice"`
	// ProcessorNice is added to that, for processors.
	ProcessorNice int64 `mapstructure:"processor_nice"`
	// MaxTasksPerProcessor, MaxProcessorAge (in seconds) and RecycleProcessorMemory (in bytes) are 0 when there is no limit.
	MaxTasksPerProcessor   int64   `mapstructure:"max_tasks_per_processor"`
	MaxProcessorAge        float64 `mapstructure:"max_processor_age"`
	RecycleProcessorMemory int64   `mapstructure:"recycle_processor_memory"`
	// ControlSocket is a path, "none", or empty: one of its own in the runtime directory.
	ControlSocket string `mapstructure:"control_socket"`
	// OOMScoreAdj is left as the manager's own unless it is Given.
	OOMScoreAdj int64 `mapstructure:"oom_score_adj"`
	// HTTPAddress is where metrics and a page are served, if it is Given.
	HTTPAddress Endpoint `mapstructure:"http_address"`
	// HTTPToken is a token, or the name of a file that holds one behind a "@"; see ReadHTTPToken.
	HTTPToken   string `mapstructure:"http_token"`
	HTTPTLSCert string `mapstructure:"http_tls_cert"`
	HTTPTLSKey  string `mapstructure:"http_tls_key"`

	values  map[string]any
	origins map[string]Origin
}

// Given tells whether the option of the TOML key has a value.
func (c *Config) Given(key string) bool { return c.values[key] != nil }

// Origin tells where the value of the TOML key is from.
func (c *Config) Origin(key string) Origin { return c.origins[key] }

// Fixed tells whether all workers are started at once and none later.
func (c *Config) Fixed() bool { return c.Mode == "fixed" }

// SchedulerAddressOfWorkers is the scheduler address that the workers get.
func (c *Config) SchedulerAddressOfWorkers() address.Address {
	if c.Given("worker_scheduler_address") {
		return c.WorkerSchedulerAddress
	}
	return c.SchedulerAddress
}

// Duration converts seconds of a Config; what is longer than a Duration can be becomes the longest Duration.
func Duration(seconds float64) time.Duration {
	nanoseconds := seconds * float64(time.Second)
	if nanoseconds >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(nanoseconds)
}

// fill copies the settled values into the fields of the same keys.
func (c *Config) fill() error {
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{Result: c, ErrorUnused: true})
	if err != nil {
		return err
	}
	set := make(map[string]any, len(c.values))
	for key, value := range c.values {
		if value != nil {
			set[key] = value
		}
	}
	if err := decoder.Decode(set); err != nil {
		return fmt.Errorf("internal error: the table of options and Config disagree: %w", err)
	}
	return nil
}
