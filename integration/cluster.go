// Package integration drives the built worker manager against real schedulers, object storage servers and
// clients of every release in .venvs.
//
// The binary is SCALER_WORKER_MANAGER, else ../bin/scaler_worker_manager; "python" stands for the Python manager
// of each release, which shows what upstream does. SCALER_RELEASES picks releases.
package integration

import (
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// connectTimeout bounds every wait for something to come up; the tests themselves wait for events.
const connectTimeout = 60 * time.Second

// Policies of upstream's simple policy engine; its default is the first.
const (
	policyVanilla    = "allocate=even_load; scaling=vanilla"
	policyCapability = "allocate=capability; scaling=capability"
)

// A layout says how a cluster differs from the usual one.
type layout struct {
	policy  string // one of the policies; upstream's default when empty
	backend string // SCALER_NETWORK_BACKEND of all but the managers; upstream's default when empty
	scheme  string // of the scheduler's address; tcp when empty
	host    string // 127.0.0.1 when empty
}

// A cluster is a running scheduler with its object storage server and a monitor.
type cluster struct {
	release     release
	mark        mark
	layout      layout
	port        int    // the first of three
	address     string // the scheduler's
	environment []string
	storage     *process // nil if the scheduler runs its own
	scheduler   *process
	monitor     *monitor
}

// newCluster starts a cluster; at the test's end everything is stopped and checked to be gone.
func newCluster(t *testing.T, r release, l layout) *cluster {
	t.Helper()
	c := reserveCluster(t, r, l)
	c.start(t)
	return c
}

// reserveCluster takes the ports of a cluster, for managers that are there before it; start then starts it.
func reserveCluster(t *testing.T, r release, l layout) *cluster {
	t.Helper()
	needRelease(t, r)
	if l.host == "" {
		l.host = "127.0.0.1"
	}
	if l.scheme == "" {
		l.scheme = "tcp"
	}
	c := &cluster{release: r, mark: newMark(t), layout: l, port: ports(t)}
	c.address = fmt.Sprintf("%s://%s:%d", l.scheme, l.host, c.port)
	if l.backend != "" {
		c.environment = []string{"SCALER_NETWORK_BACKEND=" + l.backend}
	}
	t.Cleanup(func() { c.checkGone(t) })
	return c
}

func (c *cluster) start(t *testing.T) {
	t.Helper()
	arguments := []string{c.address}
	if c.layout.policy != "" {
		arguments = append(arguments, "--policy-content", c.layout.policy)
	}
	if !c.release.ownStorage() {
		c.startStorage(t)
		arguments = append(arguments, "--object-storage-address", c.storageAddress())
	}
	c.scheduler = c.run(t, "scheduler", "scaler_scheduler", arguments...)
	awaitPort(t, c.scheduler, net.JoinHostPort(c.layout.host, strconv.Itoa(c.port+2)))
	c.startMonitor(t)
}

func (c *cluster) storageAddress() string { return fmt.Sprintf("tcp://127.0.0.1:%d", c.port+1) }

func (c *cluster) startStorage(t *testing.T) {
	t.Helper()
	c.storage = c.run(t, "storage", "scaler_object_storage_server", c.storageAddress())
	awaitPort(t, c.storage, fmt.Sprintf("127.0.0.1:%d", c.port+1))
}

func (c *cluster) startMonitor(t *testing.T) {
	t.Helper()
	address := fmt.Sprintf("%s://%s:%d", c.layout.scheme, c.layout.host, c.port+2)
	c.monitor = &monitor{process: c.startClient(t, "monitor.py", address)}
	c.monitor.state.Connected, c.monitor.state.Ever = map[string]map[string]int{}, map[string]bool{}
	c.monitor.wait(t, "the first report", connectTimeout, func(s *state) bool { return s.Reports > 0 })
}

// run starts one of the release's programs under its role.
func (c *cluster) run(t *testing.T, role, program string, arguments ...string) *process {
	t.Helper()
	command := exec.Command(c.release.program(program), arguments...)
	command.Dir = c.mark.dir
	command.Env = append(c.mark.environment(t, role, "PYTHONUNBUFFERED=1"), c.environment...)
	return start(t, role, command, false)
}

// awaitPort waits until something listens; the kernel has no event for that.
func awaitPort(t *testing.T, p *process, address string) {
	t.Helper()
	for deadline := time.Now().Add(connectTimeout); ; {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			connection.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen at %s: %v", p.name, address, err)
		}
		select {
		case <-p.ended:
			t.Fatalf("%s has ended before it listened at %s", p.name, address)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// checkGone runs last: no process of the test and no listener may be left.
func (c *cluster) checkGone(t *testing.T) {
	// Schedulers and storage servers have been killed with their groups by now, managers have been stopped and checked.
	for _, process := range awaitNone(c.mark, 5*time.Second) {
		t.Errorf("left at the test's end: process %d of %s (%s)", process.pid, process.role, process.command)
		_ = syscall.Kill(process.pid, syscall.SIGKILL)
	}
	// A killed process closes its sockets a little after /proc has lost sight of what marks it.
	port := takenPort(c.port)
	for deadline := time.Now().Add(5 * time.Second); port != 0 && time.Now().Before(deadline); port = takenPort(c.port) {
		time.Sleep(20 * time.Millisecond)
	}
	if port != 0 {
		t.Errorf("left at the test's end: a listener at port %d", port)
	}
}
