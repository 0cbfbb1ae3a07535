package remote

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A Machine is a process namespace of its own with its own /proc, /run, /dev/shm, /var/log, /usr/local/bin and host
// name. Whoever kills its first process kills all of it, as a power cut does.
type Machine struct {
	*cluster.Process
	Name    string
	Command string // what Scaler's manager has it run
	mark    cluster.Mark
	stopped atomic.Bool
}

// boot makes the machine what it is and becomes its first process.
const boot = `
mount --make-rprivate / && mount -t proc proc /proc && mount -t tmpfs tmpfs /run &&
mount --bind "$MACHINE/log" /var/log && mount --bind "$MACHINE/shm" /dev/shm && mount --bind "$IMAGE" /usr/local/bin &&
hostname "$MACHINE_NAME" && cd "$MACHINE" && exec "$@"`

// The entry point of the image of Scaler's project ends with such a shell, which becomes the command: the manager is
// process 1. The shell there is busybox's, which does as bash does. Dash would stay, and as process 1 ignores SIGTERM.
var container = []string{"bash", "-c", `exec bash -c "$COMMAND"`}

// A virtual machine has an init, which runs the script once and reaps. The script leaves the manager in the background.
var instance = []string{"bash", "-c", `
PATH="$MACHINE/bin:$PATH" bash "$MACHINE/user-data"; echo "user data: status $?"
while :; do sleep 3600 & wait $!; done`}

// newMachine starts a machine.
func newMachine(c *Cloud, name string, asked request) *Machine {
	c.t.Helper()
	folder := c.mark.Temporary(c.t, name+".disk")
	for _, part := range []string{"log", "shm", "bin"} {
		if err := os.MkdirAll(filepath.Join(folder, part), 0o700); err != nil {
			c.t.Error(err)
		}
	}
	m := &Machine{Name: name, mark: c.mark, Command: asked.Environment["COMMAND"]}
	first := container
	if asked.Do == "instance" {
		m.Command, first = asked.Script, instance
		if runtime.NumCPU() > 2 { // it has two
			first = append([]string{"taskset", "--cpu-list", "0,1"}, instance...)
		}
		c.install(folder, "user-data", asked.Script)
		c.install(folder, "bin/ec2-metadata", "#!/bin/sh\necho "+name+"\n")
	}
	command := exec.Command("sh", append([]string{"-c", boot, "boot"}, first...)...)
	command.Dir = folder
	command.Env = []string{
		"PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "IMAGE=" + c.image.Bin, "HOME=" + folder, "LANG=C.UTF-8",
		"TMPDIR=" + c.mark.Temporary(c.t, name), "MACHINE=" + folder, "MACHINE_NAME=" + name,
		cluster.MarkVariable + "=" + c.mark.Value, cluster.RoleVariable + "=" + name,
	}
	for variable, value := range asked.Environment {
		command.Env = append(command.Env, variable+"="+value)
	}
	command.SysProcAttr = namespaces()
	m.Process = cluster.StartProcess(c.t, name, command, false)
	c.t.Cleanup(func() {
		if text := m.log(); c.t.Failed() && text != "" {
			c.t.Logf("%s wrote to its log:\n%s", name, text)
		}
	})
	return m
}

// namespaces are those of a machine, whose first process leads a process group.
func namespaces() *syscall.SysProcAttr {
	own := &syscall.SysProcAttr{
		Setpgid: true, Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS,
	}
	if os.Getuid() != 0 { // root in a user namespace may do the same
		own.Cloneflags |= syscall.CLONE_NEWUSER
		own.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		own.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return own
}

// needNamespaces skips a test where the kernel or a sandbox allows none.
func needNamespaces(t *testing.T) {
	t.Helper()
	command := exec.Command("sh", "-c", "mount --make-rprivate / && mount -t tmpfs tmpfs /run")
	command.SysProcAttr = namespaces()
	if output, err := command.CombinedOutput(); err != nil {
		t.Skipf("no namespaces for machines: %v %s", err, output)
	}
}

func (c *Cloud) install(folder, name, text string) {
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700); err != nil {
		c.t.Error(err)
	}
}

// stop is what a cloud does with a machine that is not wanted any more. It does not wait.
func (m *Machine) stop(grace time.Duration) {
	m.stopped.Store(true)
	if grace == 0 {
		m.PowerOff()
		return
	}
	m.Signal(syscall.SIGTERM)
	go func() {
		select {
		case <-m.Ended:
		case <-time.After(grace):
			m.PowerOff()
		}
	}()
}

// PowerOff kills all processes of the machine.
func (m *Machine) PowerOff() { m.Signal(syscall.SIGKILL) }

func (m *Machine) state() string {
	if m.Running() {
		return "running"
	}
	return "ended"
}

// checkEnded waits until a machine that was stopped has ended. One that had the time to has left nothing.
func (m *Machine) checkEnded(t *testing.T, k kind) {
	t.Helper()
	status, ok := m.Wait(cluster.StopTimeout)
	switch {
	case !ok:
		t.Errorf("%s has not ended", m.Name)
	case k.grace > 0 && status != 0:
		t.Errorf("%s ended with status %d", m.Name, status)
	case k.grace > 0:
		cluster.CheckNothingLeft(t, m.mark, m.Name, nil)
		if left := cluster.LeftSemaphores(t, m.disk("shm")); len(left) > 0 {
			t.Errorf("%s left %v in /dev/shm", m.Name, left)
		}
	}
}

// log is what was written to the file that user data names.
func (m *Machine) log() string {
	text, _ := os.ReadFile(m.disk("log", "opengris-scaler.log"))
	return string(text)
}

func (m *Machine) disk(elements ...string) string {
	return filepath.Join(append([]string{m.mark.Dir, m.Name + ".disk"}, elements...)...)
}
