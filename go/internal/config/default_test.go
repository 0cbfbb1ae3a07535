package config

import (
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/affinity"
)

// TestDefaultConcurrency has Scaler's EC2 manager start an instance: it counts on a worker for each CPU.
func TestDefaultConcurrency(t *testing.T) {
	less := int64(max(affinity.Count()-1, 1))
	for _, test := range []struct {
		given []string
		want  int64
	}{
		{nil, less},
		{[]string{"mode", "fixed"}, less},
		{[]string{"mode", "fixed", "worker_type", "ECS"}, less},
		{[]string{"worker_type", "ORB"}, less},
		{[]string{"mode", "fixed", "worker_type", "ORB"}, int64(affinity.Count())},
	} {
		c, err := Load(Sources{Arguments: arguments(t, append(test.given, "scheduler_address", "tcp://h:1")...)})
		if err != nil {
			t.Errorf("%v: %v", test.given, err)
		} else if c.MaxTaskConcurrency != test.want {
			t.Errorf("%v: %d workers, want %d", test.given, c.MaxTaskConcurrency, test.want)
		}
	}
}
