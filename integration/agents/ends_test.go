package agents

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// buildEnds builds the program that has the two connections of an agent: to processors and to the object storage.
func buildEnds(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scaler_agent_ends")
	build := exec.Command("go", "build", "-race", "-o", path, cluster.Repository("go", "cmd", "scaler_agent_ends"))
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build scaler_agent_ends: %v\n%s", err, output)
	}
	return path
}

// backends are the network backends between processors and agent: 1.x has ZMQ only.
func backends(r cluster.Release) []string {
	if r.Number() < 2000 {
		return []string{"zmq"}
	}
	return []string{"zmq", "ymq"}
}

// ymqVersion is the version in the first bytes of the release's YMQ.
func ymqVersion(r cluster.Release) int {
	switch {
	case r.Number() < 2000:
		return 0
	case r.Number() < 2007:
		return 1
	}
	return 2
}

// TestAgentProcessors connects the processors' connectors of every release to our side of the socket.
func TestAgentProcessors(t *testing.T) {
	ends := buildEnds(t)
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		for _, backend := range backends(r) {
			for _, connections := range []int{1, 60} {
				t.Run(fmt.Sprintf("%s/%d", backend, connections), func(t *testing.T) {
					checkEcho(t, ends, r, backend, connections)
				})
			}
		}
	})
}

func checkEcho(t *testing.T, ends string, r cluster.Release, backend string, connections int) {
	mark := cluster.NewMark(t)
	socket := filepath.Join(mark.Dir, "socket")
	version := "0"
	if backend == "ymq" {
		version = strconv.Itoa(ymqVersion(r))
	}
	command := exec.Command(ends, "serve", socket, strings.ToUpper(backend), version)
	command.Dir, command.Env = mark.Dir, mark.Environment(t, "agents")
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	server := cluster.StartProcess(t, "agents", command, true)
	var listening struct{ Listening string }
	server.Answer(t, 0, &listening)

	c := &cluster.Cluster{Release: r, Mark: mark}
	client := c.StartClient(t, "agent_processor.py", socket, backendName(r, backend), strconv.Itoa(connections))
	var answer struct {
		Pid      int
		CameBack int `json:"came_back"`
	}
	client.Answer(t, 0, &answer)
	client.Finish(t)
	if want := 4 * connections; answer.CameBack != want {
		t.Errorf("%d messages came back unchanged, want %d", answer.CameBack, want)
	}
	for i := range connections {
		var peer struct {
			Pid, Frames int
			Ended       string
		}
		server.Answer(t, 1+i, &peer)
		if peer.Pid != client.PID() || peer.Frames != 4 || !strings.HasSuffix(peer.Ended, "EOF") {
			t.Errorf("the agent saw %+v, want 4 frames of %d and an EOF", peer, client.PID())
		}
	}
	input.Close()
	if status, ok := server.Wait(cluster.StopTimeout); status != 0 || !ok {
		t.Errorf("the program ended with status %d (%t)", status, ok)
	}
}

// backendName is the value that the release wants in SCALER_NETWORK_BACKEND.
func backendName(r cluster.Release, backend string) string {
	if backend == "zmq" && r.Number() < 2003 {
		return "tcp_zmq"
	}
	return backend
}

// TestAgentStorage stores an object in the release's server and reads it with the release's connector.
func TestAgentStorage(t *testing.T) {
	ends := buildEnds(t)
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := &cluster.Cluster{Release: r, Mark: cluster.NewMark(t), Layout: cluster.Layout{Host: "127.0.0.1", Scheme: "tcp"},
			Port: cluster.Ports(t)}
		port := strconv.Itoa(c.Port + 1)
		c.StartStorage(t)
		for i, size := range []int{1, 10 << 20} {
			object := strings.Repeat(fmt.Sprintf("%02x", 200+i), 8) + strings.Repeat("0123456789abcdef", 3)
			payload := bytes.Repeat([]byte{byte(i + 1)}, size)
			command := exec.Command(ends, "store", c.StorageAddress(), object)
			command.Stdin = bytes.NewReader(payload)
			if output, err := command.CombinedOutput(); err != nil {
				t.Fatalf("cannot store: %v\n%s", err, output)
			}
			client := c.StartClient(t, "agent_object.py", "127.0.0.1", port, object)
			var answer struct {
				Size   int
				SHA256 string
			}
			client.Answer(t, 0, &answer)
			client.Finish(t)
			sum := sha256.Sum256(payload)
			if answer.Size != size || answer.SHA256 != hex.EncodeToString(sum[:]) {
				t.Errorf("got %d bytes of hash %s, stored %d", answer.Size, answer.SHA256, size)
			}
		}
	})
}

// TestAgentFrames decodes what we encode with the classes of every release. Enumerations come as numbers.
func TestAgentFrames(t *testing.T) {
	ends := buildEnds(t)
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		output, err := exec.Command(ends, "encode", string(r)).Output()
		if err != nil {
			t.Fatal(err)
		}
		var frames []string
		for _, line := range strings.Fields(string(output)) {
			var one struct{ Frame string }
			if err := json.Unmarshal([]byte(line), &one); err != nil {
				t.Fatal(err)
			}
			frames = append(frames, one.Frame)
		}
		client := (&cluster.Cluster{Release: r, Mark: cluster.NewMark(t)}).StartClient(t, "agent_frames.py", frames...)
		var got []map[string]any
		client.Answer(t, 0, &got)
		client.Finish(t)
		var want []map[string]any
		if err := json.Unmarshal([]byte(framesRead), &want); err != nil {
			t.Fatal(err)
		}
		forget(want[0], r)
		for i := range want {
			if i >= len(got) || !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("frame %d of %d: got %v\nwant %v", i, len(got), got[min(i, len(got)-1)], want[i])
			}
		}
	})
}

// forget removes from a heartbeat what the release does not have.
func forget(heartbeat map[string]any, r cluster.Release) {
	if r.Number() < 2007 {
		delete(heartbeat, "memLimit")
	}
	if r.Number() >= 2009 {
		return
	}
	for _, name := range []string{"hostname", "netSentBytes", "netRecvBytes"} {
		delete(heartbeat, name)
	}
	for _, processor := range heartbeat["processors"].([]any) {
		delete(processor.(map[string]any), "currentTaskId")
		delete(processor.(map[string]any), "taskAgeSeconds")
	}
}

// framesRead is what go/cmd/scaler_agent_ends encodes.
const framesRead = `[
{"kind": "workerHeartbeat", "agent": {"cpu": 992, "rss": 1099511627776}, "rssFree": 1, "memLimit": 2, "queueSize": 3,
 "queuedTasks": 4, "latencyMicroseconds": 5, "taskLock": true, "processors": [
  {"pid": 6, "initialized": true, "hasTask": false, "suspended": false, "resource": {"cpu": 7, "rss": 8},
   "currentTaskId": "", "taskAgeSeconds": 0},
  {"pid": 9, "initialized": false, "hasTask": true, "suspended": true, "resource": {"cpu": 0, "rss": 0},
   "currentTaskId": "task of 16 bytes", "taskAgeSeconds": 10}],
 "capabilities": [{"name": "größe", "value": -1}], "workerManagerID": "NAT|m", "hostname": "höst",
 "netSentBytes": 11, "netRecvBytes": 12},
{"kind": "taskResult", "taskId": "task of 16 bytes", "resultType": 1,
 "metadata": "?\u00c0\u0000\u0000\u0000\u0000\u0001\u0000\u0000\u0000\u0000\u0000>\u0080\u0000\u0000",
 "results": ["0123456789abcdefghijklmnopqrstuv"]},
{"kind": "taskCancelConfirm", "taskId": "task of 16 bytes", "cancelConfirmType": 2},
{"kind": "objectInstruction", "instructionType": 0, "objectUser": "Client|gr\u00c3\u00b6\u00c3\u009fe",
 "objectMetadata": {"objectIds": ["0123456789abcdefghijklmnopqrstuv"], "objectTypes": [1], "objectNames": [""]}},
{"kind": "taskResult", "taskId": "task of 16 bytes", "resultType": 0, "metadata": "", "results": []}
]`
