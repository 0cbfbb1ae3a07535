package config

import (
	"errors"
	"testing"
)

func TestRefused(t *testing.T) {
	for _, test := range []struct {
		name    string
		options []string
		file    string
		want    string
		status  int
	}{
		{"empty id", []string{"worker_manager_id", ""}, "", "worker_manager_id: must not be empty", 1},
		{"below -1", []string{"max_task_concurrency", "-2"}, "", "max_task_concurrency: must be at least -1, got -2", 1},
		{"no limit in fixed mode", []string{"max_task_concurrency", "-1", "mode", "fixed"}, "",
			"max_task_concurrency: must be at least 0 in fixed mode", 1},
		{"no interval", []string{"heartbeat_interval_seconds", "0"}, "",
			"heartbeat_interval_seconds: must be greater than 0, got 0", 1},
		{"certificate without key", []string{"tls_cert", ""}, "", "tls_cert: requires tls_key", 1},
		{"key without certificate", nil, "tls_key = \"k\"", "c.toml:3: tls_key: requires tls_cert", 1},
		{"type", nil, "\n\nio_threads = true", "c.toml:5: io_threads: expected an integer, found a boolean", 2},
		{"fraction", nil, "io_threads = 1.0", "c.toml:3: io_threads: expected an integer, found a float", 2},
		{"infinity", nil, "death-timeout-seconds = inf", "c.toml:3: death_timeout_seconds: not a finite number: +Inf", 2},
		{"array", nil, "logging_paths = [\"a\", 1]",
			"c.toml:3: logging_paths: expected an array of strings or a string, found an array of other values", 2},
		{"table", nil, "[worker_manager.mode]\nx = 1", "c.toml:3: mode: expected a string, found a table", 2},
		{"date", nil, "preload = 2020-01-01", "c.toml:3: preload: expected a string, found a date or time", 2},
		{"choice", nil, "logging_level = \"debug\"",
			"c.toml:3: logging_level: invalid choice \"debug\" (choose from CRITICAL, ERROR, WARNING, INFO, DEBUG)", 2},
		{"above a range", []string{"nice", "20"}, "", "nice: must be from -20 to 19, got 20", 1},
		{"below a range", nil, "oom_score_adj = -1", "c.toml:3: oom_score_adj: must be from 0 to 1000, got -1", 1},
		{"no CPU for a worker", []string{"cpus_per_worker", "0"}, "", "cpus_per_worker: must be greater than 0, got 0", 1},
		{"affinity", nil, "cpu_affinity = \"2-1\"",
			"c.toml:3: cpu_affinity: invalid CPU affinity \"2-1\" (none, spread, compact, or CPUs like 0-3,8): " +
				"the range 2-1 is the wrong way round", 2},
		{"affinity as a number", nil, "cpu_affinity = 3", "c.toml:3: cpu_affinity: expected a string, found an integer", 2},
		{"no unit", []string{"worker_memory_limit", "4"}, "",
			"worker_memory_limit: must be 0 or at least 1 MiB, got 4 bytes", 1},
		{"negative size", nil, "worker_memory_limit = -1", "c.toml:3: worker_memory_limit: must be at least 0, got -1", 1},
		{"size", nil, "worker_memory_limit = \"4 apples\"",
			"c.toml:3: worker_memory_limit: invalid size \"4 apples\" (bytes, or like 500M, 1.5G or 4GiB)", 2},
		{"size with a fraction", nil, "worker_memory_limit = 1.5",
			"c.toml:3: worker_memory_limit: expected an integer or a string, found a float", 2},
		{"variable without a value", nil, "worker_env = [\"A=1\", \"B\"]",
			"c.toml:3: worker_env: variable 2 has no \"=\" (NAME=VALUE)", 2},
		{"variable without a name", nil, "worker_env = \"=1\"",
			"c.toml:3: worker_env: variable 1 has no name (NAME=VALUE)", 2},
		{"variables in a table", nil, "worker_env = {A = \"1\"}",
			"c.toml:3: worker_env: expected an array of strings or a string, found a table", 2},
		{"restart", []string{"restart", "on-failure"}, "",
			"restart: requires fixed mode; dynamic mode replaces workers while the scheduler wants them", 1},
		{"never to restart", nil, "restart = \"never\"",
			"c.toml:3: restart: requires fixed mode; dynamic mode replaces workers while the scheduler wants them", 1},
		{"earlier key", nil, "public_scheduler_address = 5",
			"c.toml:3: worker_scheduler_address: expected a string, found an integer", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(Sources{Arguments: arguments(t, test.options...), Section: section(t, test.file)})
			var refused *Error
			if !errors.As(err, &refused) || err.Error() != test.want || refused.Status != test.status {
				t.Errorf("got %v", err)
			}
		})
	}
	_, err := Load(Sources{})
	if err == nil || err.Error() != "scheduler_address: is required" {
		t.Errorf("got %v", err)
	}
}
