package stacks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	asked    = syscall.Signal(57)
	askedInC = syscall.Signal(56)
	current  = "Current thread 0x1 (most recent call first):\n"
	ownLine  = "  File \"stacks.py\", line 1 in _write_stacks\n"
	taskLine = "  File \"task.py\", line 1 in work\n"
	text     = current + taskLine
)

// TestMain also plays processors: "answers" one whose interpreter answers, "in C" one whose C handler answers the
// second signal, "silent" one that ignores both.
func TestMain(m *testing.M) {
	received := make(chan os.Signal, 100)
	switch os.Getenv("STACKS_TEST") {
	case "answers":
		signal.Notify(received, asked)
		fmt.Println("ready")
		for range received {
			_, _ = unix.Write(3, []byte(current+ownLine+taskLine+"\x00"))
		}
	case "in C":
		signal.Notify(received, askedInC)
		fmt.Println("ready")
		for range received {
			_, _ = unix.Write(3, []byte(text))
		}
	case "silent": // the runtime of Go catches every signal
		fmt.Println("ready")
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

// begin starts a child with a processor's file as descriptor 3, and waits for its first output.
func begin(t *testing.T, role string, arguments ...string) int {
	t.Helper()
	descriptor, err := unix.MemfdCreate("scaler-stacks-57-56-3", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.FcntlInt(uintptr(descriptor), unix.F_SETFL, unix.O_APPEND); err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(descriptor), "stacks")
	defer file.Close()
	if len(arguments) == 0 {
		arguments = []string{os.Args[0]}
	}
	command := exec.Command(arguments[0], arguments[1:]...)
	command.Env = append(os.Environ(), "STACKS_TEST="+role)
	command.ExtraFiles = []*os.File{file}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	if _, err := output.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	return command.Process.Pid
}

const patience = 10 * time.Second

func TestAnswer(t *testing.T) {
	pid := begin(t, "answers")
	for range 3 { // earlier answers are not read again
		if got, err := of(context.Background(), pid, os.Getpid(), patience); got != text || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
	}
	var many sync.WaitGroup
	for range 20 {
		many.Add(1)
		go func() {
			defer many.Done()
			if got, err := of(context.Background(), pid, os.Getpid(), patience); got != text || err != nil {
				t.Errorf("one of many: %q, %v", got, err)
			}
		}()
	}
	many.Wait()
}

func TestAnswerInC(t *testing.T) {
	pid := begin(t, "in C")
	for range 2 {
		if got, err := of(context.Background(), pid, os.Getpid(), patience); got != text+onlyMainThread || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
	}
}

func TestNoAnswer(t *testing.T) {
	self := os.Getpid()
	t.Run("silent", func(t *testing.T) {
		pid := begin(t, "silent")
		got, err := of(context.Background(), pid, self, 20*time.Millisecond)
		if got != "" || !errors.Is(err, errSilent) || !strings.Contains(err.Error(), "its state is ") {
			t.Errorf("%q, %v", got, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := of(ctx, pid, self, patience); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
	})
	t.Run("stopped", func(t *testing.T) {
		pid := begin(t, "answers")
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := of(context.Background(), pid, self, patience); err != nil {
				if !errors.Is(err, errStopped) {
					t.Error(err)
				}
				return
			}
		}
	})
	t.Run("of another parent", func(t *testing.T) {
		if _, err := of(context.Background(), begin(t, "answers"), self+1, patience); !errors.Is(err, errEnded) {
			t.Error(err)
		}
	})
	t.Run("ended", func(t *testing.T) {
		pid := begin(t, "answers")
		_ = syscall.Kill(pid, syscall.SIGKILL)
		for {
			if _, err := of(context.Background(), pid, self, patience); err != nil {
				if !errors.Is(err, errEnded) && !errors.Is(err, errDeaf) {
					t.Error(err)
				}
				return
			}
		}
	})
}

// A program that the signal would kill does not get it. Another file with the same descriptor is not written to.
func TestDeaf(t *testing.T) {
	other := t.TempDir() + "/other"
	for name, script := range map[string]string{
		"does not catch it": "echo ready; exec sleep 1000",
		"has closed it":     "exec 3>&-; echo ready; exec sleep 1000",
		"has another file":  "exec 3>" + other + "; echo mine >&3; echo ready; exec sleep 1000",
	} {
		t.Run(name, func(t *testing.T) {
			pid := begin(t, "", "/bin/sh", "-c", script)
			if got, err := of(context.Background(), pid, os.Getpid(), patience); got != "" || !errors.Is(err, errDeaf) {
				t.Errorf("%q, %v", got, err)
			}
			state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if err != nil || strings.Contains(string(state), ") Z ") {
				t.Errorf("it has ended: %s %v", state, err)
			}
		})
	}
	if got, err := os.ReadFile(other); string(got) != "mine\n" {
		t.Errorf("the other file holds %q, %v", got, err)
	}
}

func TestRead(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/stacks")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	long := strings.Repeat("x", 10*Limit)
	for _, test := range []struct {
		written, want string
		complete      bool
	}{
		{"", "", false},
		{text, text, false},
		{text + "\x00", text, true},
		{text + "\x00" + text, text, true}, // a late answer to an earlier request
		{current + ownLine + taskLine + "\x00", text, true},
		{long[:Limit], long[:Limit], false},
		{long[:Limit] + "\x00", long[:Limit], true},
		{long, long[:Limit] + "\n...\n", true},
		{"\xff\x00", "?", true},
	} {
		if err := file.Truncate(0); err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt([]byte(test.written), 0); err != nil {
			t.Fatal(err)
		}
		got, complete, err := (&answerFile{File: file}).read()
		if got != test.want || complete != test.complete || err != nil {
			t.Errorf("%.40q: %.40q (%d bytes), %v, %v", test.written, got, len(got), complete, err)
		}
	}
}
