package protocol

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/message"
)

const goldenFolder = "../../../../schema/golden"

// recording is the output of scripts/golden/agent.py for one release.
type recording struct {
	Release string
	Tags    map[string]uint16
	Lacks   []string
	Frames  []recorded
	dialect message.Dialect
}

type recorded struct {
	Name, Kind string
	Values     values
	frame      []byte
}

// data is an id, bytes or text; see scripts/golden/values.py.
type data string

func (d *data) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, (*string)(d)) == nil {
		return nil
	}
	var other struct {
		Hex, Text string
		Times     int
	}
	if err := json.Unmarshal(raw, &other); err != nil {
		return err
	}
	decoded, err := hex.DecodeString(other.Hex)
	*d = data(string(decoded) + strings.Repeat(other.Text, other.Times))
	return err
}

// parts is a JSON list of values of different types.
type parts []json.RawMessage

func (p parts) into(t *testing.T, targets ...any) {
	t.Helper()
	if len(p) != len(targets) {
		t.Fatalf("%d parts, want %d", len(p), len(targets))
	}
	for i, target := range targets {
		if err := json.Unmarshal(p[i], target); err != nil {
			t.Fatal(err)
		}
	}
}

type values struct {
	ID, Source, Metadata data
	Force                bool
	Type                 string
	Results              []data
	Times                int
	User                 data
	Objects              []parts
	Storage              string

	Agent        [2]uint64
	FreeMemory   uint64 `json:"free_memory"`
	MemoryLimit  uint64 `json:"memory_limit"`
	QueueSize    uint32 `json:"queue_size"`
	QueuedTasks  uint32 `json:"queued_tasks"`
	Latency      uint32
	TaskLock     bool `json:"task_lock"`
	Processors   []parts
	Capabilities []parts
	ManagerID    data `json:"manager_id"`
	Hostname     string
	NetSent      uint64 `json:"net_sent"`
	NetReceived  uint64 `json:"net_received"`
}

func recordings(t testing.TB) []recording {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(goldenFolder, "*", "agent.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden frames in %s: %v", goldenFolder, err)
	}
	var all []recording
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		release := recording{Release: filepath.Base(filepath.Dir(path))}
		if err := json.Unmarshal(text, &release); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if release.dialect, err = message.DialectOf(release.Release); err != nil {
			t.Fatal(err)
		}
		for i := range release.Frames {
			file := filepath.Join(filepath.Dir(path), release.Frames[i].Name+".bin")
			if release.Frames[i].frame, err = os.ReadFile(file); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, release)
	}
	return all
}

func (r recording) codec() Codec { return NewCodec(TagsOf(r.dialect)) }

func (r recording) lacks(field string) bool { return slices.Contains(r.Lacks, field) }

// eachFrame runs a test for every frame of a kind of every release, and fails if there is none.
func eachFrame(t *testing.T, kind string, test func(*testing.T, recording, recorded)) {
	t.Helper()
	seen := false
	for _, release := range recordings(t) {
		for _, frame := range release.Frames {
			if frame.Kind == kind {
				seen = true
				t.Run(release.Release+"/"+frame.Name, func(t *testing.T) { test(t, release, frame) })
			}
		}
	}
	if !seen {
		t.Errorf("no golden frame of a %s", kind)
	}
}

func TestEveryDialectHasGoldenFrames(t *testing.T) {
	var seen []message.Dialect
	for _, release := range recordings(t) {
		seen = append(seen, release.dialect)
	}
	for _, dialect := range message.Dialects {
		if !slices.Contains(seen, dialect) {
			t.Errorf("no golden frames of the %s dialect", dialect)
		}
	}
}

func TestTags(t *testing.T) {
	for _, release := range recordings(t) {
		known := TagsOf(release.dialect)
		for kind, tag := range map[string]uint16{
			"task": known.Task, "taskCancel": known.TaskCancel, "taskCancelConfirm": known.TaskCancelConfirm,
			"taskResult": known.TaskResult, "taskLog": known.TaskLog, "objectInstruction": known.ObjectInstruction,
			"workerHeartbeat": known.Heartbeat, "workerHeartbeatEcho": known.Echo,
			"disconnectResponse": known.DisconnectResponse, "clientDisconnect": known.ClientDisconnect,
			"processorInitialized": known.ProcessorInitialized,
		} {
			recorded, found := release.Tags[kind]
			if !found {
				recorded = message.NoTag
			}
			if tag != recorded {
				t.Errorf("%s: the tag of %s is %d, recorded %d", release.Release, kind, tag, recorded)
			}
		}
	}
}
