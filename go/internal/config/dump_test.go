package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRoundTrip reads the dump again.
func TestRoundTrip(t *testing.T) {
	c, err := Load(Sources{Arguments: arguments(t, "cpu_affinity", "3,0-1", "worker_memory_limit", "1.5G",
		"worker_env", "A={\"b\": 1}",
		"mode", "fixed", "nice", "-3", "preload", "m:f(\"\\\x7f\t<é>\")", "reconnect_timeout_seconds", "1e30",
		"stop_timeout_seconds", "0.5", "per_worker_capabilities", "a,b=2", "warm_imports", "x,y",
		"http_address", "[::1]:0", "http_token", "@/run/token")})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "c.toml")
	if err := os.WriteFile(path, []byte(c.TOML()), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := ReadFile(path)
	if err != nil {
		t.Fatalf("%v in\n%s", err, c.TOML())
	}
	again, err := Load(Sources{Section: s})
	if err != nil {
		t.Fatal(err)
	}
	first, _ := json.Marshal(c)
	second, _ := json.Marshal(again)
	if string(first) != string(second) || len(s.Warnings) > 0 {
		t.Errorf("%s\nbecame\n%s\n%q", first, second, s.Warnings)
	}
}

func TestDump(t *testing.T) {
	c, err := Load(Sources{Arguments: arguments(t, "worker_manager_id", "x", "max_task_concurrency", "-1",
		"per_worker_capabilities", "b,a=1")})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"scheduler_address":"tcp://127.0.0.1:8516","worker_manager_id":"x","worker_scheduler_address":null,` +
		`"object_storage_address":null,` +
		`"max_task_concurrency":-1,"scale_down_cooldown_seconds":30,` +
		`"mode":"dynamic","per_worker_capabilities":{"b":-1,"a":1},`
	if !strings.HasPrefix(string(text), want) {
		t.Errorf("got %s", text)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	s := section(t, "worker_env = [\"AWS_SECRET=hunter2\", \"EMPTY=\", 'X=a=hunter2']\n"+
		`preload = "m:connect(1, user='me', password='hunter2', API_KEY=\"hunter2\")"`+"\n")
	c, err := Load(Sources{Arguments: arguments(t), Section: s})
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{string(text), c.TOML()} {
		if strings.Contains(shown, "hunter2") {
			t.Errorf("a secret is shown: %s", shown)
		}
		for _, name := range []string{"AWS_SECRET=***", "EMPTY=***", "X=***", "user='me', password=***, API_KEY=***)"} {
			if !strings.Contains(shown, name) {
				t.Errorf("%s is not shown: %s", name, shown)
			}
		}
	}
	if c.WorkerEnvironment(0)["AWS_SECRET"] != "hunter2" || !strings.Contains(c.Preload, "hunter2") {
		t.Error("the workers get the mask")
	}
	if _, err := Load(Sources{Arguments: arguments(t), Section: section(t, `worker_env = ["hunter2"]`)}); err == nil ||
		strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
