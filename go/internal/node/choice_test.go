package node

import (
	"runtime"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

const newestAgent = "2be21ddc377cbf3f9a465bf058a95966d33778e4c01bea0f67ee7e3a776e37c4" // of 2.9.0

// TestChooseAgent has one obstacle at a time, under auto and under native.
func TestChooseAgent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no native agent but on Linux")
	}
	const fallsBack, fails = "falls back", "fails"
	for name, test := range map[string]struct {
		change       func(*protocol.Ready)
		differing    string
		auto, native string // fallsBack, fails, or a part of the warning about a native agent
		says         string // part of the warning or error
	}{
		"understood": {},
		"cannot fork": {
			change: func(r *protocol.Ready) { r.NoFork = "threads" },
			auto:   fallsBack, native: fails, says: "threads",
		},
		"a parameter": {
			change: func(r *protocol.Ready) { r.Agent.Missing = "novelty" },
			auto:   fallsBack, native: fails, says: "novelty",
		},
		"no kill delay": {
			change: func(r *protocol.Ready) { r.Agent.KillDelay = 0 },
			auto:   fallsBack, native: fails, says: "how long",
		},
		"another format": {
			change: func(r *protocol.Ready) { r.Agent.Formats["profile"] = "!dQd" },
			auto:   fallsBack, native: fails, says: `packs profile as "!dQd", not "!fQf"`,
		},
		"no format": {
			change: func(r *protocol.Ready) { delete(r.Agent.Formats, "task_flags") },
			auto:   fallsBack, native: fails, says: `packs task_flags as "", not "!?i?"`,
		},
		"a message": {
			differing: "heartbeat is read with other values",
			auto:      fallsBack, native: fails, says: "heartbeat is read",
		},
		"another source": {
			change: func(r *protocol.Ready) { r.Agent.Digest = strings.Repeat("0", 64) },
			auto:   fallsBack, native: "not known here", says: "--worker-agent native",
		},
		"no source": {
			change: func(r *protocol.Ready) { r.Agent.Digest = "" },
			auto:   fallsBack, native: "not known here", says: "--worker-agent native",
		},
		"another source and a message": {
			change:    func(r *protocol.Ready) { r.Agent.Digest = "" },
			differing: "echo: Storage", auto: fallsBack, native: fails, says: "echo: Storage",
		},
	} {
		for wanted, expected := range map[string]string{
			agentAuto: test.auto, agentNative: test.native, agentScaler: fallsBack,
		} {
			t.Run(name+"/"+wanted, func(t *testing.T) {
				ready := protocol.Ready{Scaler: "2.9.0", Agent: protocol.Agent{
					Digest: newestAgent, KillDelay: 3, Formats: map[string]string{"task_flags": "!?i?", "profile": "!fQf"},
				}}
				if test.change != nil {
					test.change(&ready)
				}
				native, warning, err := chooseAgent(wanted, ready, test.differing)
				line := warning
				if err != nil {
					line = err.Error()
				}
				if strings.Contains(line, "\n") {
					t.Errorf("more than one line: %q", line)
				}
				if (err != nil) != (expected == fails) || native != (expected != fallsBack && expected != fails) {
					t.Errorf("native %t, %v", native, err)
				}
				switch {
				case wanted == agentScaler || expected == "":
					if line != "" {
						t.Errorf("warning %q", line)
					}
				case expected == fallsBack || expected == fails:
					if !strings.Contains(line, test.says) {
						t.Errorf("warning %q, want %q", line, test.says)
					}
				case !strings.Contains(line, expected):
					t.Errorf("warning %q, want %q", line, expected)
				}
			})
		}
	}
}
