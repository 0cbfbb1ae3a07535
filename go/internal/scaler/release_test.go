package scaler

import (
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// Read from the sources of the published releases.
func TestProcessorTransport(t *testing.T) {
	for version, want := range map[string]transport.Kind{
		"1.26.0": transport.ZMQ, "1.27.2": transport.ZMQ, "2.0.0": transport.ZMQ, "2.0.9": transport.ZMQ,
		"2.0.16": transport.ZMQ, "2.0.19": transport.YMQ, "2.0.20": transport.YMQ, "2.9.0": transport.YMQ,
	} {
		release, err := Presume(version)
		if err != nil {
			t.Fatal(err)
		}
		if got := release.ProcessorTransport(transport.Protocol{Kind: transport.YMQ}).Kind; got != want {
			t.Errorf("processors of %s speak %v with a YMQ scheduler, want %v", version, got, want)
		}
		if got := release.ProcessorTransport(transport.Protocol{Kind: transport.ZMQ}).Kind; got != transport.ZMQ {
			t.Errorf("processors of %s speak %v with a ZMQ scheduler", version, got)
		}
	}
}
