package protocol

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/message/frame"
	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

// These tests compare values, read with the generated code, rather than bytes: the library omits empty fields, and
// upstream does not.

// sameValues decodes a release's frame and our own, and compares both with the recorded values.
func sameValues[T any](
	t *testing.T, release recording, theirs, ours []byte, err error, read func(wire.Frame) T, want T,
) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for who, encoded := range map[string][]byte{release.Release: theirs, "we": ours} {
		root, err := frame.Open(encoded, MaxFrame, maxDepth)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(root); !reflect.DeepEqual(got, want) {
			t.Errorf("%s wrote %+v\nwant %+v", who, got, want)
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestEncodeTaskResult(t *testing.T) {
	eachFrame(t, "taskResult", func(t *testing.T, release recording, recorded recorded) {
		want := recorded.Values.result()
		ours, err := release.codec().TaskResult(want)
		sameValues(t, release, recorded.frame, ours, err, func(root wire.Frame) Message {
			return must(decodeTaskResult(root))
		}, Message(want))
	})
}

var confirms = map[string]Confirm{
	"canceled": Canceled, "cancelFailed": CancelFailed, "cancelNotFound": CancelNotFound,
}

func TestEncodeTaskCancelConfirm(t *testing.T) {
	eachFrame(t, "taskCancelConfirm", func(t *testing.T, release recording, recorded recorded) {
		confirm := confirms[recorded.Values.Type]
		ours, err := release.codec().TaskCancelConfirm(string(recorded.Values.ID), confirm)
		sameValues(t, release, recorded.frame, ours, err, func(root wire.Frame) string {
			body := wire.TaskCancelConfirm(must(root.Body()).Struct())
			return fmt.Sprintf("%d %x %d", root.Tag(), must(body.TaskID()), body.Confirmation())
		}, fmt.Sprintf("%d %x %d", release.Tags["taskCancelConfirm"], string(recorded.Values.ID), confirm))
	})
}

func TestEncodeObjectCreated(t *testing.T) {
	eachFrame(t, "objectInstruction", func(t *testing.T, release recording, recorded recorded) {
		if recorded.Values.Type != "create" {
			return
		}
		var id, kind, name data
		recorded.Values.Objects[0].into(t, &id, &kind, &name)
		ours, err := release.codec().ObjectCreated(string(recorded.Values.User), ObjectID([]byte(id)), []byte(name))
		sameValues(t, release, recorded.frame, ours, err, func(root wire.Frame) string {
			body := wire.ObjectInstruction(must(root.Body()).Struct())
			objects := must(body.Objects())
			ids, types, names := must(objects.Ids()), must(objects.Types()), must(objects.Names())
			return fmt.Sprintf("%d %s %q %d/%d/%d %q %s %q", root.Tag(), body.Type(), must(body.User()),
				ids.Len(), types.Len(), names.Len(), must(ids.At(0)), types.At(0), must(names.At(0)))
		}, fmt.Sprintf("%d create %q 1/1/1 %q object %q", release.Tags["objectInstruction"], recorded.Values.User, id, name))
	})
}

func (v values) heartbeat(t *testing.T) Heartbeat {
	heartbeat := Heartbeat{
		Agent:      Resource{CPU: uint16(v.Agent[0]), Memory: v.Agent[1]},
		FreeMemory: v.FreeMemory, MemoryLimit: v.MemoryLimit, QueueSize: v.QueueSize, QueuedTasks: v.QueuedTasks,
		LatencyMicroseconds: v.Latency, TaskLock: v.TaskLock, ManagerID: []byte(v.ManagerID), Hostname: v.Hostname,
		NetSent: v.NetSent, NetReceived: v.NetReceived,
	}
	for range max(1, v.Times) {
		for _, one := range v.Processors {
			var p Processor
			var used [2]uint64
			var id data
			one.into(t, &p.Pid, &p.Initialized, &p.HasTask, &p.Suspended, &used, &id, &p.TaskAgeSeconds)
			p.TaskID, p.Resource = string(id), Resource{CPU: uint16(used[0]), Memory: used[1]}
			heartbeat.Processors = append(heartbeat.Processors, p)
		}
	}
	for _, one := range v.Capabilities {
		var capability message.Capability
		one.into(t, &capability.Name, &capability.Value)
		heartbeat.Capabilities = append(heartbeat.Capabilities, capability)
	}
	return heartbeat
}

// known removes the fields that a release does not have.
func (r recording) known(heartbeat Heartbeat) Heartbeat {
	if r.lacks("memLimit") {
		heartbeat.MemoryLimit = 0
	}
	if r.lacks("hostname") {
		heartbeat.Hostname, heartbeat.NetSent, heartbeat.NetReceived = "", 0, 0
	}
	if r.lacks("currentTaskId") {
		processors := heartbeat.Processors
		heartbeat.Processors = nil
		for _, p := range processors {
			p.TaskID, p.TaskAgeSeconds = "", 0
			heartbeat.Processors = append(heartbeat.Processors, p)
		}
	}
	return heartbeat
}

func TestEncodeHeartbeat(t *testing.T) {
	eachFrame(t, "workerHeartbeat", func(t *testing.T, release recording, recorded recorded) {
		want := recorded.Values.heartbeat(t)
		ours, err := release.codec().Heartbeat(want)
		sameValues(t, release, recorded.frame, ours, err, func(root wire.Frame) Heartbeat {
			if root.Tag() != release.Tags["workerHeartbeat"] {
				t.Errorf("tag %d", root.Tag())
			}
			return release.known(readHeartbeat(wire.WorkerHeartbeat(must(root.Body()).Struct())))
		}, release.known(want))
		// Our own frame has all fields, whatever the release knows.
		root := must(frame.Open(ours, MaxFrame, maxDepth))
		if got := readHeartbeat(wire.WorkerHeartbeat(must(root.Body()).Struct())); !reflect.DeepEqual(got, want) {
			t.Errorf("we wrote %+v\nwant %+v", got, want)
		}
	})
}

func readHeartbeat(body wire.WorkerHeartbeat) Heartbeat {
	heartbeat := Heartbeat{
		Agent:      readResource(must(body.Agent())),
		FreeMemory: body.FreeMemory(), MemoryLimit: body.MemoryLimit(), QueueSize: body.QueueSize(),
		QueuedTasks: body.QueuedTasks(), LatencyMicroseconds: body.LatencyMicroseconds(), TaskLock: body.TaskLock(),
		ManagerID: must(body.ManagerID()), Hostname: must(body.Hostname()),
		NetSent: body.NetSent(), NetReceived: body.NetReceived(),
	}
	processors := must(body.Processors())
	for i := range processors.Len() {
		p := processors.At(i)
		heartbeat.Processors = append(heartbeat.Processors, Processor{
			Pid: p.Pid(), Initialized: p.Initialized(), HasTask: p.HasTask(), Suspended: p.Suspended(),
			Resource: readResource(must(p.Resource())), TaskID: string(must(p.TaskID())),
			TaskAgeSeconds: p.TaskAgeSeconds(),
		})
	}
	capabilities := must(body.Capabilities())
	for i := range capabilities.Len() {
		one := capabilities.At(i)
		capability := message.Capability{Name: must(one.Name()), Value: one.Value()}
		heartbeat.Capabilities = append(heartbeat.Capabilities, capability)
	}
	return heartbeat
}

func readResource(resource wire.Resource) Resource {
	return Resource{CPU: resource.Cpu(), Memory: resource.Memory()}
}
