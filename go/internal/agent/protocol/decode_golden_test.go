package protocol

import (
	"encoding/binary"
	"reflect"
	"testing"
)

var resultTypes = map[string]ResultType{"success": Success, "failed": Failed, "failedWorkerDied": FailedWorkerDied}

// decodes checks that a release's frame decodes to the recorded values.
func decodes(t *testing.T, release recording, frame []byte, want Message) {
	t.Helper()
	got, err := release.codec().Decode(frame)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestDecodeTask(t *testing.T) {
	eachFrame(t, "task", func(t *testing.T, release recording, recorded recorded) {
		want := Task{
			ID: string(recorded.Values.ID), Source: string(recorded.Values.Source), Profiling: true, Frame: recorded.frame,
		}
		if flags := recorded.Values.Metadata; flags != "" {
			want.Profiling, want.StreamOutput = flags[0] == 1, flags[5] == 1
			want.Priority = int32(binary.BigEndian.Uint32([]byte(flags[1:])))
		}
		decodes(t, release, recorded.frame, want)
	})
}

// The recorded priorities are those in the names of the samples, whatever the metadata.
func TestPriorities(t *testing.T) {
	want := map[string]int32{"agent_task_priority": 1<<31 - 1, "agent_task_negative": -3, "agent_task_no_metadata": 0}
	eachFrame(t, "task", func(t *testing.T, release recording, recorded recorded) {
		priority, known := want[recorded.Name]
		if got, err := release.codec().Decode(recorded.frame); known && (err != nil || got.(Task).Priority != priority) {
			t.Errorf("got %+v, %v, want %d", got, err, priority)
		}
	})
}

func TestDecodeTaskCancel(t *testing.T) {
	eachFrame(t, "taskCancel", func(t *testing.T, release recording, recorded recorded) {
		decodes(t, release, recorded.frame, TaskCancel{TaskID: string(recorded.Values.ID), Force: recorded.Values.Force})
	})
}

func (v values) result() TaskResult {
	result := TaskResult{TaskID: string(v.ID), Type: resultTypes[v.Type], Metadata: []byte(v.Metadata)}
	for range max(1, v.Times) {
		for _, id := range v.Results {
			result.Results = append(result.Results, []byte(id))
		}
	}
	return result
}

func TestDecodeTaskResult(t *testing.T) {
	eachFrame(t, "taskResult", func(t *testing.T, release recording, recorded recorded) {
		decodes(t, release, recorded.frame, recorded.Values.result())
	})
}

func TestForwardedFramesAreUnchanged(t *testing.T) {
	eachFrame(t, "taskLog", func(t *testing.T, release recording, recorded recorded) {
		decodes(t, release, recorded.frame, TaskLog{Frame: recorded.frame})
	})
	eachFrame(t, "objectInstruction", func(t *testing.T, release recording, recorded recorded) {
		decodes(t, release, recorded.frame, ObjectInstruction{Frame: recorded.frame})
	})
}

func TestDecodeEcho(t *testing.T) {
	eachFrame(t, "workerHeartbeatEcho", func(t *testing.T, release recording, recorded recorded) {
		decodes(t, release, recorded.frame, Echo{Storage: recorded.Values.Storage})
	})
}

func TestDecodeDisconnects(t *testing.T) {
	eachFrame(t, "disconnectResponse", func(t *testing.T, release recording, recorded recorded) {
		decodes(t, release, recorded.frame, DisconnectResponse{})
	})
	eachFrame(t, "clientDisconnect", func(t *testing.T, release recording, recorded recorded) {
		decodes(t, release, recorded.frame, ClientDisconnect{Shutdown: recorded.Values.Type == "shutdown"})
	})
	eachFrame(t, "processorInitialized", func(t *testing.T, release recording, recorded recorded) {
		decodes(t, release, recorded.frame, ProcessorInitialized{})
	})
}
