package config

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	if d := Duration(0.5); d != 500*time.Millisecond {
		t.Errorf("got %v", d)
	}
	if d := Duration(1e30); d < 200*365*24*time.Hour {
		t.Errorf("got %v", d)
	}
}
