package host

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/python"
)

// runWith returns the error of a supervisor with this interpreter.
func runWith(t *testing.T, interpreter string) error {
	t.Helper()
	children := process.NewChildren(nil)
	defer children.Close()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	s := New(Options{
		Children:    children,
		Interpreter: python.Interpreter{Path: interpreter, Reason: "--python"},
		Emit:        func(Event) {},
	})
	err := s.Run(ctx)
	if ctx.Err() != nil {
		t.Fatal("the supervisor has not ended")
	}
	return err
}

// script returns a fake interpreter, a shell script. The channel is its file descriptor 3.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPythonWithoutScaler(t *testing.T) {
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal(err)
	}
	if exec.Command(path, "-c", "import scaler").Run() == nil {
		t.Skip("the python3 on PATH has Scaler")
	}
	err = runWith(t, path)
	for _, part := range []string{"cannot use " + path + " (--python)", "cannot import Scaler", "SCALER_PYTHON"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestNotAnInterpreter(t *testing.T) {
	tests := []struct {
		name, text string
		want       error
		words      string
	}{
		{"ends at once", "exit 3", nil, "it exited without an answer (exit status 3): is it Python 3.8 or newer?"},
		{
			"cannot write", `printf '\076\000\000\000{"type":"failed","error":"no folder for files","machine":true}' >&3`,
			nil, "cannot start the worker host: no folder for files",
		},
		{"crashes", "kill -SEGV $$", nil, "it crashed without an answer (SIGSEGV): PYTHONFAULTHANDLER=1 shows where"},
		{"closes the channel", "exec 3>&-; exec cat", nil, "it exited without an answer"},
		{"ends in the middle of a frame", `head -c 4 <&3 >/dev/null; printf '\377\000\000\000{' >&3`, protocol.ErrFrame, ""},
		{"announces too much", `printf '\377\377\377\377' >&3; exec cat <&3 >/dev/null`, protocol.ErrFrame, ""},
		{"talks rubbish", `printf '\002\000\000\000hi' >&3; exec cat <&3 >/dev/null`, protocol.ErrFrame, ""},
		{
			"is configured before it was asked",
			`printf '\034\000\000\000{"type":"configured","a":""}' >&3; exec cat <&3 >/dev/null`, protocol.ErrFrame, "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := runWith(t, script(t, test.text))
			if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.words) {
				t.Errorf("got %v, want %v %s", err, test.want, test.words)
			}
		})
	}
}

func TestMissingInterpreter(t *testing.T) {
	if err := runWith(t, filepath.Join(t.TempDir(), "python")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// The host gets its sources as file descriptor 4, and an empty standard input.
func TestHostEnvironment(t *testing.T) {
	folder := t.TempDir()
	seen := func(name string) string { return filepath.Join(folder, name) }
	err := runWith(t, script(t, "cat <&4 >"+seen("sources")+"; cat >"+seen("input")+"; echo \"$*\" >"+seen("arguments")))
	if err == nil {
		t.Error("there is a host")
	}
	for name, want := range map[string]string{
		"input": "", "arguments": "-c f=open(4,'rb');exec(f.readline()) server 3\n",
	} {
		if got, err := os.ReadFile(seen(name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	text, err := os.ReadFile(seen("sources"))
	sources := string(text)
	if err != nil || !strings.Contains(sources, `"scaler_native/host/server.py":`) || strings.Contains(sources, "tests/") {
		t.Errorf("sources of %d bytes, %v", len(text), err)
	}
}
