package protocol

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"testing"
	"time"
)

func TestProfileMetadata(t *testing.T) {
	profile := Profile{Duration: 1500 * time.Millisecond, PeakMemory: 1 << 40, CPU: 250 * time.Millisecond}
	// struct.pack("!fQf", 1.5, 2**40, 0.25)
	if got := hex.EncodeToString(profile.Metadata()); got != "3fc0000000000100000000003e800000" {
		t.Errorf("got %s", got)
	}
}

func TestNewObjectID(t *testing.T) {
	first, second := NewObjectID("Client|a"), NewObjectID("Client|a")
	if owner := md5.Sum([]byte("Client|a")); [16]byte(first[:16]) != owner || [16]byte(second[:16]) != owner {
		t.Errorf("got %x and %x, want %x first", first, second, owner)
	}
	if first == second {
		t.Error("two objects have one id")
	}
	if first[22]>>4 != 4 || first[24]>>6 != 2 {
		t.Errorf("%x is no UUID of version 4", first[16:])
	}
}

func TestEncodeTooMuch(t *testing.T) {
	_, heartbeat := newest.Heartbeat(Heartbeat{Processors: make([]Processor, MaxEntries+1)})
	_, result := newest.TaskResult(TaskResult{Results: make([][]byte, MaxEntries+1)})
	_, large := newest.TaskResult(TaskResult{Results: [][]byte{make([]byte, MaxFrame)}})
	for _, err := range []error{heartbeat, result, large} {
		if !errors.Is(err, ErrTooLarge) {
			t.Errorf("got %v", err)
		}
	}
}

// A result is decoded, gets its metadata and is encoded again.
func TestResultPassesThrough(t *testing.T) {
	eachFrame(t, "taskResult", func(t *testing.T, release recording, recorded recorded) {
		codec := release.codec()
		decoded, err := codec.Decode(recorded.frame)
		if err != nil {
			t.Fatal(err)
		}
		result := decoded.(TaskResult)
		result.Metadata = Profile{Duration: time.Second}.Metadata()
		encoded, err := codec.TaskResult(result)
		if err != nil {
			t.Fatal(err)
		}
		decodes(t, release, encoded, result)
	})
}

func BenchmarkHeartbeat(b *testing.B) {
	b.ReportAllocs()
	heartbeat := Heartbeat{Processors: make([]Processor, 1), ManagerID: []byte("NAT|m"), Hostname: "node-1"}
	for range b.N {
		_, _ = newest.Heartbeat(heartbeat)
	}
}

func BenchmarkTaskResult(b *testing.B) {
	b.ReportAllocs()
	result := TaskResult{TaskID: "0123456789abcdef", Metadata: Profile{}.Metadata(), Results: [][]byte{make([]byte, 32)}}
	for range b.N {
		_, _ = newest.TaskResult(result)
	}
}
