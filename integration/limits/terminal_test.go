package limits

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
	"golang.org/x/sys/unix"
)

// openTerminal returns both ends of a new terminal.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}

// A manager at a terminal ends by Ctrl-C and when the terminal is closed, and leaves nothing.
func TestTerminal(t *testing.T) {
	for _, r := range cluster.Releases(t, cluster.Newest...) {
		c := cluster.New(t, r, cluster.Layout{})
		for name, end := range map[string]func(master *os.File) error{
			"interrupt": func(master *os.File) error { _, err := master.WriteString("\x03"); return err },
			"hangup":    (*os.File).Close,
		} {
			t.Run(name, func(t *testing.T) {
				master, slave := openTerminal(t)
				defer master.Close()
				command := exec.Command(cluster.ManagerProgram(t, r), "baremetal_native", c.Address, "--worker-manager-id", name,
					"--mode", "fixed", "--max-task-concurrency", "1", "--logging-paths", filepath.Join(c.Mark.Dir, name+".log"))
				command.Dir, command.Stdin = c.Mark.Dir, slave
				command.Env = c.Mark.Environment(t, name, "SCALER_PYTHON="+r.Python())
				command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
				m := &cluster.Manager{Process: cluster.StartProcess(t, name, command, false), Mark: c.Mark, Name: name}
				slave.Close()
				c.CheckAdds(t)
				if err := end(master); err != nil {
					t.Fatal(err)
				}
				if status, ok := m.Wait(cluster.StopTimeout); !ok || status != 0 {
					t.Errorf("it ended with status %d (%t), want 0", status, ok)
				}
				cluster.CheckNothingLeft(t, c.Mark, name, nil)
			})
		}
	}
}

// A manager in the background goes on when the shell that started it has ended.
func TestParentEnds(t *testing.T) {
	for _, r := range cluster.Releases(t, cluster.Newest...) {
		c := cluster.New(t, r, cluster.Layout{})
		script, file := filepath.Join(c.Mark.Dir, "shell"), filepath.Join(c.Mark.Dir, "pid")
		text := fmt.Sprintf("#!/bin/sh\n%s \"$@\" &\nprintf %%s $! >%s\n", cluster.ManagerProgram(t, r), file)
		if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		s := cluster.Fixed("1")
		s.Program = script
		shell := c.StartManager(t, "orphan", s)
		if status, ok := shell.Wait(cluster.StopTimeout); !ok || status != 0 {
			t.Fatalf("the shell ended with status %d (%t)", status, ok)
		}
		c.CheckAdds(t)
		if err := syscall.Kill(cluster.ReadPID(t, file), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if left := cluster.AwaitNone(c.Mark, cluster.StopTimeout, "orphan"); len(left) > 0 {
			t.Errorf("left: %+v", left)
		}
		cluster.CheckNothingLeft(t, c.Mark, "orphan", nil)
	}
}
