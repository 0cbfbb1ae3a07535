package message

import (
	"errors"
	"testing"
)

func TestEncodeRefuses(t *testing.T) {
	hybrid := NewCodec(Hybrid.Tags(), Hybrid)
	cases := []struct {
		name   string
		encode func() ([]byte, error)
		want   error
	}{
		{"a response in a dialect without", func() ([]byte, error) { return newest.Response(Response{}) }, ErrNoResponse},
		{"too many capabilities", func() ([]byte, error) {
			return hybrid.Heartbeat(Heartbeat{Capabilities: make([]Capability, MaxEntries+1)})
		}, ErrTooLarge},
		{"too many worker ids", func() ([]byte, error) {
			return hybrid.Response(Response{WorkerIDs: make([][]byte, MaxEntries+1)})
		}, ErrTooLarge},
		{"a long manager id", func() ([]byte, error) {
			return hybrid.Heartbeat(Heartbeat{ManagerID: make([]byte, MaxFrame)})
		}, ErrTooLarge},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			if frame, err := test.encode(); frame != nil || !errors.Is(err, test.want) {
				t.Errorf("got %d bytes, %v, want %v", len(frame), err, test.want)
			}
		})
	}
}

func BenchmarkHeartbeat(b *testing.B) {
	heartbeat := Heartbeat{
		MaxTaskConcurrency: 64,
		Capabilities:       []Capability{{"linux", -1}, {"gpu", 2}},
		ManagerID:          []byte("NAT|default"),
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := newest.Heartbeat(heartbeat); err != nil {
			b.Fatal(err)
		}
	}
}
