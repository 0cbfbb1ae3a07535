package remote

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// rejects is what Scaler's own program says to the commands of its ECS manager up to 2.3: its machines all end at once.
const rejects = "unrecognized arguments: --worker-io-threads"

// The commands that each manager of each release builds, with few options and with all, are those that our program
// takes, word for word, and mean what the manager was told.
func TestCommands(t *testing.T) {
	t.Parallel()
	address := []string{"tcp://10.0.0.1:1"}
	all := []string{"tcp://10.0.0.1:1", "--object-storage-address", "tcp://10.0.0.3:3", "--per-worker-capabilities",
		"gpu=2,linux", "--per-worker-task-queue-size", "7", "--heartbeat-interval-seconds", "3",
		"--task-timeout-seconds", "4", "--garbage-collect-interval-seconds", "5", "--death-timeout-seconds", "6",
		"--trim-memory-threshold-bytes", "8", "--hard-processor-suspend", "--io-threads", "2", "--preload",
		"package.module:function(1, key='a b')"}
	only := cluster.EachGeneration
	if thorough {
		only = nil
	}
	for _, k := range []kind{ecs, oci, ec2} {
		for _, r := range cluster.Releases(t, only...) {
			if r.Number() < k.since {
				continue
			}
			t.Run(k.name+"/"+string(r), func(t *testing.T) {
				words := commandOf(t, r, k, address)
				check(t, r, k, words, map[string]any{"scheduler_address": "tcp://10.0.0.1:1", "mode": "fixed",
					"worker_type": k.workerType, "worker_manager_id": k.given(words)})
				words = commandOf(t, r, k, append(all, publicAddress(r), "tcp://10.0.0.2:2"))
				want := map[string]any{"scheduler_address": "tcp://10.0.0.2:2", "mode": "fixed",
					"worker_type": k.workerType, "worker_manager_id": k.given(words),
					"object_storage_address": "tcp://10.0.0.3:3", "per_worker_capabilities": map[string]int{"gpu": 2, "linux": -1},
					"per_worker_task_queue_size": 7, "heartbeat_interval_seconds": 3, "task_timeout_seconds": 4,
					"garbage_collect_interval_seconds": 5, "death_timeout_seconds": 6, "trim_memory_threshold_bytes": 8,
					"hard_processor_suspend": true, "io_threads": 2}
				if k.name == ecs.name { // the others do not hand it on
					want["preload"] = "package.module:function(1, key='a b')"
				}
				check(t, r, k, words, want)
			})
		}
	}
}

// given is the id that a machine's manager is given.
func (k kind) given(words []string) string {
	if k.name == ec2.name && strings.Contains(strings.Join(words, " "), "the-instance") {
		return "the-instance"
	}
	return parentID
}

// commandOf returns the arguments that a machine's shell makes of what the manager has it run.
func commandOf(t *testing.T, r cluster.Release, k kind, arguments []string) []string {
	t.Helper()
	folder := t.TempDir()
	program := cluster.Repository("integration", "remote", "programs", "commands.py")
	command := exec.Command(r.Python(), append([]string{program}, k.arguments(r, arguments...)...)...)
	command.Env = append(os.Environ(), "PYTHONPATH="+cluster.Repository("integration", "remote", "sdk"))
	script, err := command.Output()
	if err != nil {
		t.Fatalf("no command: %v", err)
	}
	// The program of the machine writes its arguments into a file.
	write(t, filepath.Join(folder, "scaler_worker_manager"), "#!/bin/sh\nprintf '%s\\0' \"$@\" >\"$FOLDER/words\"\n")
	write(t, filepath.Join(folder, "ec2-metadata"), "#!/bin/sh\necho the-instance\n")
	text := strings.NewReplacer("/var/log", folder, "/usr/local/bin", folder).Replace(string(script))
	shell := exec.Command("bash", "-c", text+"\nwait")
	shell.Env = append(os.Environ(), "FOLDER="+folder, "PATH="+folder+":"+os.Getenv("PATH"))
	if output, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, output)
	}
	words, err := os.ReadFile(filepath.Join(folder, "words"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(words), "\x00"), "\x00")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// check compares what our program makes of the words with what is wanted, and has Scaler's own program parse them.
func check(t *testing.T, r cluster.Release, k kind, words []string, want map[string]any) {
	t.Helper()
	program := cluster.Repository("bin", "scaler_worker_manager")
	dump, err := exec.Command(program, append(words[:len(words):len(words)], "--dry-run")...).Output()
	var got map[string]any
	if err != nil || json.Unmarshal(dump, &got) != nil {
		t.Fatalf("%q: %v %s", words, err, dump)
	}
	cluster.CheckFields(t, strings.Join(words, " "), got, want)

	const parse = `import sys
from scaler.config.section.native_worker_manager import NativeWorkerManagerConfig
NativeWorkerManagerConfig.parse_with_section("scaler_worker_manager", {}, argv=sys.argv[2:])`
	output, err := exec.Command(r.Python(), append([]string{"-c", parse}, words...)...).CombinedOutput()
	rejected := k.name == ecs.name && r.Number() < 2004
	if rejected != (err != nil) || rejected != strings.Contains(string(output), rejects) {
		t.Errorf("Scaler's own program says to %q: %v\n%s", words, err, output)
	}
}
