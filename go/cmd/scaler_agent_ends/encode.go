package main

import (
	"encoding/base64"
	"errors"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/message"
)

// encode prints frames with the values that integration/agents/ends_test.go expects.
func encode(release string) error {
	dialect, err := message.DialectOf(release)
	if err != nil {
		return err
	}
	codec := protocol.NewCodec(protocol.TagsOf(dialect))
	profile := protocol.Profile{Duration: 1500 * time.Millisecond, PeakMemory: 1 << 40, CPU: 250 * time.Millisecond}
	object := protocol.ObjectID([]byte("0123456789abcdefghijklmnopqrstuv"))
	task := "task of 16 bytes"

	heartbeat, first := codec.Heartbeat(sampleHeartbeat(task))
	result, second := codec.TaskResult(protocol.TaskResult{
		TaskID: task, Type: protocol.Failed, Metadata: profile.Metadata(), Results: [][]byte{object[:]},
	})
	confirm, third := codec.TaskCancelConfirm(task, protocol.CancelNotFound)
	created, fourth := codec.ObjectCreated("Client|größe", object, nil)
	empty, fifth := codec.TaskResult(protocol.TaskResult{TaskID: task})
	for _, frame := range [][]byte{heartbeat, result, confirm, created, empty} {
		say(map[string]any{"frame": base64.StdEncoding.EncodeToString(frame)})
	}
	return errors.Join(first, second, third, fourth, fifth)
}

func sampleHeartbeat(task string) protocol.Heartbeat {
	return protocol.Heartbeat{
		Agent:      protocol.Resource{CPU: 992, Memory: 1 << 40},
		FreeMemory: 1, MemoryLimit: 2, QueueSize: 3, QueuedTasks: 4, LatencyMicroseconds: 5, TaskLock: true,
		Processors: []protocol.Processor{
			{Pid: 6, Initialized: true, Resource: protocol.Resource{CPU: 7, Memory: 8}},
			{Pid: 9, HasTask: true, Suspended: true, TaskID: task, TaskAgeSeconds: 10},
		},
		Capabilities: []message.Capability{{Name: "größe", Value: -1}},
		ManagerID:    []byte("NAT|m"), Hostname: "höst", NetSent: 11, NetReceived: 12,
	}
}
