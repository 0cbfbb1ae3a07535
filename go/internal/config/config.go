package config

import (
	"fmt"
	"math"
	"time"

	"github.com/mitchellh/mapstructure"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/affinity"
)

// Config is a configuration that has passed all checks. An option without a value has the zero value; where the zero
// value is also a legal one, Given tells them apart.
type Config struct {
	SchedulerAddress       address.Address `mapstructure:"scheduler_address"`
	WorkerManagerID        string          `mapstructure:"worker_manager_id"`
	WorkerSchedulerAddress address.Address `mapstructure:"worker_scheduler_address"`
	ObjectStorageAddress   address.Address `mapstructure:"object_storage_address"`
	// MaxTaskConcurrency is -1 for no limit, which fixed mode does not allow.
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
	// ReconnectTimeoutSeconds is 0 for no limit.
	ReconnectTimeoutSeconds float64 `mapstructure:"reconnect_timeout_seconds"`
	StopTimeoutSeconds      float64 `mapstructure:"stop_timeout_seconds"`
	DrainTimeoutSeconds     float64 `mapstructure:"drain_timeout_seconds"`
	// DrainOnTerminateSeconds is 0 if SIGTERM does not start a drain.
	DrainOnTerminateSeconds float64  `mapstructure:"drain_on_terminate"`
	WarmImports             []string `mapstructure:"warm_imports"`
	// WorkerAgent is "auto", "native" or "scaler".
	WorkerAgent string `mapstructure:"worker_agent"`
	// SpareProcessors is the total for all workers.
	SpareProcessors int64 `mapstructure:"spare_processors"`
	// Restart is "never" or "on-failure" in fixed mode, and empty in dynamic mode.
	Restart string `mapstructure:"restart"`
	// UnresponsiveTimeoutSeconds is 0 if a worker may stay stopped forever.
	UnresponsiveTimeoutSeconds float64         `mapstructure:"unresponsive_timeout_seconds"`
	CPUAffinity                affinity.Policy `mapstructure:"cpu_affinity"`
	// CPUsPerWorker is at least 1. It means nothing without CPUAffinity.
	CPUsPerWorker int64 `mapstructure:"cpus_per_worker"`
	// WorkerMemoryLimit is in bytes, 0 for no limit.
	WorkerMemoryLimit int64 `mapstructure:"worker_memory_limit"`
	// WorkerMemoryLimitBy is "auto", "cgroup" or "pss".
	WorkerMemoryLimitBy string `mapstructure:"worker_memory_limit_by"`
	// WorkerEnv holds NAME=VALUE. Use WorkerEnvironment.
	WorkerEnv []string `mapstructure:"worker_env"`
	// Nice is relative to the niceness of the manager.
	Nice int64 `mapstructure:"nice"`
	// ProcessorNice is relative to the niceness of the worker.
	ProcessorNice int64 `mapstructure:"processor_nice"`
	// MaxTasksPerProcessor, MaxProcessorAge (seconds) and RecycleProcessorMemory (bytes) are 0 for no limit.
	MaxTasksPerProcessor   int64   `mapstructure:"max_tasks_per_processor"`
	MaxProcessorAge        float64 `mapstructure:"max_processor_age"`
	RecycleProcessorMemory int64   `mapstructure:"recycle_processor_memory"`
	// ControlSocket is a path, "none", or empty for one in the runtime directory.
	ControlSocket string `mapstructure:"control_socket"`
	// OOMScoreAdj is the manager's own unless Given.
	OOMScoreAdj int64 `mapstructure:"oom_score_adj"`
	// HTTPAddress serves metrics, probes and a page if Given.
	HTTPAddress Endpoint `mapstructure:"http_address"`
	// HTTPToken is a token, or "@" and the file that holds one. Use ReadHTTPToken.
	HTTPToken   string `mapstructure:"http_token"`
	HTTPTLSCert string `mapstructure:"http_tls_cert"`
	HTTPTLSKey  string `mapstructure:"http_tls_key"`

	values  map[string]any
	origins map[string]Origin
}

// Given reports whether the option with this key has a value.
func (c *Config) Given(key string) bool { return c.values[key] != nil }

// Origin returns where the value of this key comes from.
func (c *Config) Origin(key string) Origin { return c.origins[key] }

// Fixed reports whether the mode is "fixed".
func (c *Config) Fixed() bool { return c.Mode == "fixed" }

// SchedulerAddressOfWorkers is the address at which workers reach the scheduler.
func (c *Config) SchedulerAddressOfWorkers() address.Address {
	if c.Given("worker_scheduler_address") {
		return c.WorkerSchedulerAddress
	}
	return c.SchedulerAddress
}

// Duration converts seconds. It returns the longest Duration for more than that.
func Duration(seconds float64) time.Duration {
	nanoseconds := seconds * float64(time.Second)
	if nanoseconds >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(nanoseconds)
}

// fill copies the values into the fields that are tagged with their keys.
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
		return fmt.Errorf("internal error: the option table and Config disagree: %w", err)
	}
	return nil
}
