package host

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

// The files of a dead host's workers are removed: reported sockets, and sockets and semaphores with the reported
// prefixes. Files of others stay.
func TestFilesOfAnEndedHost(t *testing.T) {
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	ours := []string{path("told"), path("socket-1"), path("sem.mp-1234-a"), path("sem.mp-1234-b")}
	theirs := []string{path("sem.mp-12345"), path("sem.mp-other"), path("file")}
	for _, name := range append(ours, theirs...) {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := &host{sockets: map[int][]string{}}
	h.note(protocol.Ready{Sockets: path("socket-"), Semaphores: path("sem.mp-1234-")})
	h.note(protocol.Socket{Pid: 7, Path: path("told")})
	h.note(protocol.Socket{Pid: 7, Path: path("gone")}) // the worker removed it itself
	if err := h.removeFiles(); err != nil {
		t.Error(err)
	}
	for _, name := range ours {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is left", name)
		}
	}
	for _, name := range theirs {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("%s is gone: %v", name, err)
		}
	}
}
