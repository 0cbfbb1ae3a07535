package processors

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/transport"
	"github.com/scaler-native/scaler-native/go/internal/transport/ymq"
)

// Only the socket of a process that has exited is removed.
func TestSweep(t *testing.T) {
	folder, err := os.MkdirTemp("", "sweep") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	at := func(name string) string { return filepath.Join(folder, name) }
	live, err := Listen(at("s1"), transport.Protocol{Kind: transport.YMQ, Version: ymq.Second}, []byte("agent"))
	if err != nil {
		t.Fatal(err)
	}
	dead := func(name string) {
		socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: at(name), Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		socket.SetUnlinkOnClose(false)
		socket.Close()
	}
	dead("s2")
	dead("other")
	if err := os.WriteFile(at("s3"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	Sweep(at("s[0-9]"))
	for name, want := range map[string]bool{"s1": true, "s2": false, "s3": true, "other": true} {
		if _, err := os.Lstat(at(name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := live.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(at("s1")); err == nil {
		t.Error("the socket is left")
	}
}
