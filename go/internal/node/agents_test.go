package node

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// The socket is where Python's temporary files are, or where there is room for it.
func TestSocketFolders(t *testing.T) {
	t.Setenv("TMPDIR", "/nonexistent")
	if got := socketFolders(protocol.Ready{Sockets: "/var/tmp/scaler_worker_12"}); !slices.Equal(got,
		[]string{"/var/tmp", "/nonexistent", "/tmp"}) {
		t.Errorf("%q", got)
	}
	if got := socketFolders(protocol.Ready{}); !slices.Equal(got, []string{"/nonexistent", "/tmp", "/var/tmp"}) {
		t.Errorf("%q", got)
	}
}

func TestListenIn(t *testing.T) {
	spoken := transport.Protocol{Kind: transport.ZMQ}
	long := filepath.Join(t.TempDir(), strings.Repeat("l", 100))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	good, err := os.MkdirTemp("", "sn")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(good)
	socket, path, err := listenIn([]string{"/nonexistent", long, good}, "name", spoken)
	if err != nil || path != filepath.Join(good, "name") {
		t.Fatalf("%s, %v", path, err)
	}
	socket.Close()
	_, _, err = listenIn([]string{"/nonexistent", long}, "name", spoken)
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "in "+long) ||
		!strings.Contains(err.Error(), "set TMPDIR") {
		t.Errorf("%v", err)
	}
}
