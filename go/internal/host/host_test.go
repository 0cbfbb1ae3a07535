package host

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// start runs a host with an interpreter and waits for its end when the test is over.
func start(t *testing.T, interpreter string) *Host {
	t.Helper()
	h, err := Start(interpreter)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.Close()
		var status syscall.WaitStatus
		for {
			if _, err := syscall.Wait4(h.Pid, &status, 0, nil); !errors.Is(err, syscall.EINTR) {
				break
			}
		}
	})
	return h
}

// script is an interpreter that does something else with the channel, its descriptor 3.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPythonWithoutScaler(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal(err)
	}
	if exec.Command(python, "-c", "import scaler").Run() == nil {
		t.Skip("the python3 on PATH has Scaler")
	}
	h := start(t, python)
	_, err = h.Hello(protocol.Hello{})
	if err == nil || !strings.HasPrefix(err.Error(), "cannot import Scaler: ") {
		t.Errorf("got %v", err)
	}
}

func TestInterpreterThatIsNone(t *testing.T) {
	tests := []struct {
		name, text string
		want       error
	}{
		{"ends at once", "exit 3", ErrGone},
		{"closes the channel", "exec 3>&-; exec cat", ErrGone},
		{"ends in the middle of a frame", `head -c 4 <&3 >/dev/null; printf '\377\000\000\000{' >&3`, protocol.ErrFrame},
		{"announces too much", `printf '\377\377\377\377' >&3; exec cat <&3 >/dev/null`, protocol.ErrFrame},
		{"talks rubbish", `printf '\002\000\000\000hi' >&3; exec cat <&3 >/dev/null`, protocol.ErrFrame},
		{"answers something else", `printf '\017\000\000\000{"type":"pong"}' >&3; exec cat <&3 >/dev/null`, protocol.ErrFrame},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := start(t, script(t, test.text)).Hello(protocol.Hello{}); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestInterpreterThatIsMissing(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "python")
	if h, err := Start(missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, %v", h, err)
	}
}

// What the host is given beside its arguments: the sources in descriptor 4, an empty standard input.
func TestSurroundings(t *testing.T) {
	folder := t.TempDir()
	seen := func(name string) string { return filepath.Join(folder, name) }
	h := start(t, script(t, "cat <&4 >"+seen("sources")+"; cat >"+seen("input")+"; echo \"$1 $3 $4 $5\" >"+seen("arguments")))
	if _, err := h.Receive(); !errors.Is(err, ErrGone) || errors.Is(err, io.EOF) {
		t.Errorf("its end is told as %v", err)
	}
	for name, want := range map[string]string{"input": "", "arguments": "-c server 3 4\n"} {
		if got, err := os.ReadFile(seen(name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	text, err := os.ReadFile(seen("sources"))
	if err != nil || !strings.Contains(string(text), `"scaler_native/host/server.py":`) || strings.Contains(string(text), "tests/") {
		t.Errorf("sources of %d bytes, %v", len(text), err)
	}
}
