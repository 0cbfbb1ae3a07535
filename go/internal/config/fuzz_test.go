package config

import (
	"encoding/json"
	"errors"
	"testing"
)

// FuzzParseFile feeds any text as a file: it ends in an *Error or in a configuration whose dump is a file again.
func FuzzParseFile(f *testing.F) {
	for _, seed := range []string{
		entryStart + "scheduler_address = \"tcp://h:1\"\nmode = 'fixed'\nmax-task-concurrency = 4\n",
		"worker_manager = [{type = \"baremetal_native\", preload = \"\"\"x\"\"\"}]",
		"worker_manager.type = \"baremetal_native\"\nworker_manager.logging_paths = [\n'''a''', # ]\n]",
		entryStart + "per_worker_capabilities = \"a,b=1\"\nheartbeat_interval_seconds = 1.5\n" +
			"[worker_manager.\"x.y\"]\nz = {a = [1]}\n",
		entryStart + "scheduler_address = \"tcp://h:1\"\ncpu_affinity = \"0-3,8\"\nworker_memory_limit = \"1.5G\"\n" +
			"worker_env = [\"A={slot}\"]\nrestart = \"never\"\nmode = \"fixed\"\nnice = -5\n",
		"\ufeff# x\r\n[a]\nb = 1979-05-27T07:32:00Z\n[[worker_manager]]\ntype=\"\\u0041\"",
	} {
		f.Add(seed)
	}
	given := map[string]Argument{}
	f.Fuzz(func(t *testing.T, text string) {
		managerLines(text, 0)
		section, err := ParseFile("c.toml", text)
		if err != nil {
			mustBeError(t, err)
			return
		}
		c, err := Load(Sources{Arguments: given, Section: section})
		if err != nil {
			mustBeError(t, err)
			return
		}
		dump := c.TOML()
		again, err := ParseFile("c.toml", dump)
		if err != nil {
			t.Fatalf("%v in %s", err, dump)
		}
		second, err := Load(Sources{Section: again})
		if err != nil {
			t.Fatalf("%v in %s", err, dump)
		}
		a, errA := json.Marshal(c)
		b, errB := json.Marshal(second)
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Fatalf("%s became %s (%v, %v)", a, b, errA, errB)
		}
	})
}

func mustBeError(t *testing.T, err error) {
	t.Helper()
	var refused *Error
	if !errors.As(err, &refused) || refused.Status == 0 {
		t.Fatalf("%T %v", err, err)
	}
}
