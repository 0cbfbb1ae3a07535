package message

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const goldenFolder = "../../../schema/golden"

// recording is the output of scripts/golden_frames.py for one release.
type recording struct {
	Release string
	Tags    map[string]uint16
	Lacks   []string
	Frames  []recorded
	dialect Dialect
}

type recorded struct {
	Name, Kind string
	Values     values
	Desired    []struct {
		Own   []pair
		Count int
	}
	frame []byte
}

type values struct {
	MaxTaskConcurrency uint32 `json:"max_task_concurrency"`
	ManagerID          data   `json:"manager_id"`
	Action, Status     string
	WorkerIDs          []data `json:"worker_ids"`
	Capabilities       []pair
	Requests           []struct {
		TaskConcurrency uint32 `json:"task_concurrency"`
		Capabilities    []pair
	}
}

type data []byte

func (d *data) UnmarshalJSON(raw []byte) (err error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*d = data(text)
		return nil
	}
	var other struct {
		Hex, Text string
		Times     int
	}
	if err := json.Unmarshal(raw, &other); err != nil {
		return err
	}
	if other.Hex != "" {
		*d, err = hex.DecodeString(other.Hex)
		return err
	}
	*d = data(strings.Repeat(other.Text, other.Times))
	return nil
}

type pair struct{ Capability }

func (p *pair) UnmarshalJSON(raw []byte) error {
	var name data
	parts := []any{&name, &p.Value}
	err := json.Unmarshal(raw, &parts)
	p.Name = string(name)
	return err
}

func capabilitiesOf(pairs []pair) (capabilities []Capability) {
	for _, pair := range pairs {
		capabilities = append(capabilities, pair.Capability)
	}
	return capabilities
}

func idsOf(list []data) (ids [][]byte) {
	for _, id := range list {
		ids = append(ids, id)
	}
	return ids
}

var actions = map[string]Action{
	"startWorkers":    StartWorkers,
	"shutdownWorkers": ShutdownWorkers,
	"":                SetDesired,
}

var statuses = map[string]Status{
	"tooManyWorkers": TooManyWorkers,
	"unknownAction":  UnknownAction,
	"workerNotFound": WorkerNotFound,
	"success":        Success,
}

func (v values) command(generation Generation) Command {
	command := Command{
		Generation:   generation,
		Action:       actions[v.Action],
		WorkerIDs:    idsOf(v.WorkerIDs),
		Capabilities: capabilitiesOf(v.Capabilities),
	}
	for _, request := range v.Requests {
		command.Requests = append(command.Requests, Request{request.TaskConcurrency, capabilitiesOf(request.Capabilities)})
	}
	return command
}

func recordings(t testing.TB) []recording {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(goldenFolder, "*", "frames.json"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no golden frames in %s: %v", goldenFolder, err)
	}
	var all []recording
	for _, path := range folders {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var release recording
		if err := json.Unmarshal(text, &release); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if release.dialect, err = DialectOf(release.Release); err != nil {
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

func (r recording) codec() Codec { return NewCodec(r.dialect.Tags(), r.dialect) }

// eachFrame runs a test for each frame of a kind, of all releases.
func eachFrame(t *testing.T, kind string, test func(*testing.T, recording, recorded)) {
	t.Helper()
	for _, release := range recordings(t) {
		for _, frame := range release.Frames {
			if frame.Kind == kind {
				t.Run(release.Release+"/"+frame.Name, func(t *testing.T) { test(t, release, frame) })
			}
		}
	}
}

func TestEveryDialectHasGoldenFrames(t *testing.T) {
	seen := map[Dialect]bool{}
	for _, release := range recordings(t) {
		seen[release.dialect] = true
	}
	for _, dialect := range Dialects {
		if !seen[dialect] {
			t.Errorf("no golden frames of the %s dialect", dialect)
		}
	}
}

func TestTagsAreThoseOfTheRelease(t *testing.T) {
	for _, release := range recordings(t) {
		tags := map[string]uint16{}
		known := release.dialect.Tags()
		for kind, tag := range map[string]uint16{
			"heartbeat": known.Heartbeat, "echo": known.Echo, "command": known.Command, "response": known.Response,
		} {
			if tag != NoTag {
				tags[kind] = tag
			}
		}
		if !reflect.DeepEqual(tags, release.Tags) {
			t.Errorf("%s: tags %v, recorded %v", release.Release, tags, release.Tags)
		}
		if lacks := strings.Contains(fmt.Sprint(release.Lacks), "responses"); lacks == release.dialect.Answers() {
			t.Errorf("%s: answers %t, recorded lack %v", release.Release, release.dialect.Answers(), release.Lacks)
		}
	}
}

func TestDecodeEcho(t *testing.T) {
	eachFrame(t, "echo", func(t *testing.T, release recording, recorded recorded) {
		message, err := release.codec().Decode(recorded.frame)
		if err != nil || message != (Message)(Echo{}) {
			t.Errorf("got %#v, %v", message, err)
		}
	})
}

func TestDecodeCommand(t *testing.T) {
	eachFrame(t, "command", func(t *testing.T, release recording, recorded recorded) {
		want := recorded.Values.command(release.dialect.Generation())
		got, err := release.codec().Decode(recorded.frame)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, %v, want %#v", got, err, want)
		}
	})
}

func TestDesiredIsUpstreams(t *testing.T) {
	compared := 0
	eachFrame(t, "command", func(t *testing.T, release recording, recorded recorded) {
		requests := recorded.Values.command(0).Requests
		for _, desired := range recorded.Desired {
			compared++
			if got := Desired(requests, capabilitiesOf(desired.Own)); got != desired.Count {
				t.Errorf("own %v: got %d, upstream %d", desired.Own, got, desired.Count)
			}
		}
	})
	if compared == 0 {
		t.Error("no recording has a count")
	}
}

func TestHeartbeatIsByteForByteUpstreams(t *testing.T) {
	eachFrame(t, "heartbeat", func(t *testing.T, release recording, recorded recorded) {
		got, err := release.codec().Heartbeat(Heartbeat{
			MaxTaskConcurrency: recorded.Values.MaxTaskConcurrency,
			Capabilities:       capabilitiesOf(recorded.Values.Capabilities),
			ManagerID:          recorded.Values.ManagerID,
		})
		sameFrame(t, got, err, recorded.frame)
	})
}

func TestResponseIsByteForByteUpstreams(t *testing.T) {
	eachFrame(t, "response", func(t *testing.T, release recording, recorded recorded) {
		got, err := release.codec().Response(Response{
			WorkerIDs:    idsOf(recorded.Values.WorkerIDs),
			Action:       actions[recorded.Values.Action],
			Status:       statuses[recorded.Values.Status],
			Capabilities: capabilitiesOf(recorded.Values.Capabilities),
		})
		sameFrame(t, got, err, recorded.frame)
	})
}

func sameFrame(t *testing.T, got []byte, err error, want []byte) {
	t.Helper()
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("error %v\ngot\n%swant\n%s", err, hex.Dump(got), hex.Dump(want))
	}
}
