package cluster

import (
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ConnectTimeout bounds every wait for something to start. Tests wait for events, not for a clock.
const ConnectTimeout = 60 * time.Second

// Policies of Scaler's simple policy engine. Its default is the first.
const (
	PolicyVanilla    = "allocate=even_load; scaling=vanilla"
	PolicyCapability = "allocate=capability; scaling=capability"
)

// A Layout says how a cluster differs from the usual one.
type Layout struct {
	Policy  string // one of the policies; upstream's default when empty
	Backend string // SCALER_NETWORK_BACKEND of all but the managers; upstream's default when empty
	Scheme  string // of the scheduler's address; tcp when empty
	Host    string // 127.0.0.1 when empty
}

// A Cluster is a running scheduler with its object storage server and a monitor.
type Cluster struct {
	Release     Release
	Mark        Mark
	Layout      Layout
	Port        int    // the first of three
	Address     string // the scheduler's
	Environment []string
	Storage     *Process // nil if the scheduler runs its own
	Scheduler   *Process
	Monitor     *Monitor
}

// New starts a cluster. When the test ends, it is stopped, and the test fails if anything is left of it.
func New(t *testing.T, r Release, l Layout) *Cluster {
	t.Helper()
	c := Reserve(t, r, l)
	c.Start(t)
	return c
}

// Reserve takes the ports of a cluster without starting it, for managers that start before it. See Start.
func Reserve(t *testing.T, r Release, l Layout) *Cluster {
	t.Helper()
	NeedRelease(t, r)
	if l.Host == "" {
		l.Host = "127.0.0.1"
	}
	if l.Scheme == "" {
		l.Scheme = "tcp"
	}
	c := &Cluster{Release: r, Mark: NewMark(t), Layout: l, Port: Ports(t)}
	c.Address = fmt.Sprintf("%s://%s:%d", l.Scheme, l.Host, c.Port)
	if l.Backend != "" {
		c.Environment = []string{"SCALER_NETWORK_BACKEND=" + l.Backend}
	}
	t.Cleanup(func() { c.CheckGone(t) })
	return c
}

// Start starts the servers of a reserved cluster, the scheduler with these options.
func (c *Cluster) Start(t *testing.T, more ...string) {
	t.Helper()
	if !c.Release.OwnStorage() {
		c.StartStorage(t)
	}
	c.StartScheduler(t, more...)
	c.startMonitor(t)
}

// At is the host and port of a server: 0 is the scheduler, 1 the object storage, 2 the scheduler's monitor socket.
func (c *Cluster) At(server int) string {
	host := c.Layout.Host
	if server == 1 && strings.Contains(host, ":") {
		host = "127.0.0.1" // the object storage has no IPv6
	}
	return net.JoinHostPort(host, strconv.Itoa(c.Port+server))
}

// StorageAddress is the address of the object storage.
func (c *Cluster) StorageAddress() string { return "tcp://" + c.At(1) }

// MonitorAddress is the address where the scheduler publishes its state.
func (c *Cluster) MonitorAddress() string { return "tcp://" + c.At(2) }

// StartStorage starts or restarts the object storage server.
func (c *Cluster) StartStorage(t *testing.T) {
	t.Helper()
	c.Storage = c.run(t, "storage", "scaler_object_storage_server", c.StorageAddress())
	AwaitPort(t, c.Storage, c.At(1))
}

// StartScheduler starts or restarts the scheduler.
func (c *Cluster) StartScheduler(t *testing.T, more ...string) {
	t.Helper()
	arguments := []string{c.Address}
	if c.Layout.Policy != "" {
		arguments = append(arguments, "--policy-content", c.Layout.Policy)
	}
	if !c.Release.OwnStorage() {
		arguments = append(arguments, "--object-storage-address", c.StorageAddress())
	}
	c.Scheduler = c.run(t, "scheduler", "scaler_scheduler", append(arguments, more...)...)
	AwaitPort(t, c.Scheduler, c.At(2))
}

func (c *Cluster) startMonitor(t *testing.T) {
	t.Helper()
	address := fmt.Sprintf("%s://%s:%d", c.Layout.Scheme, c.Layout.Host, c.Port+2)
	c.Monitor = &Monitor{process: c.StartClient(t, "monitor.py", address)}
	c.Monitor.State.Connected, c.Monitor.State.Ever = map[string]map[string]int{}, map[string]bool{}
	c.Monitor.Wait(t, "the first report", ConnectTimeout, func(s *State) bool { return s.Reports > 0 })
}

// run starts one of the release's programs, marked with its role.
func (c *Cluster) run(t *testing.T, role, program string, arguments ...string) *Process {
	t.Helper()
	command := exec.Command(c.Release.Program(program), arguments...)
	command.Dir = c.Mark.Dir
	command.Env = append(c.Mark.Environment(t, role, "PYTHONUNBUFFERED=1"), c.Environment...)
	return StartProcess(t, role, command, false)
}

// AwaitPort polls until something listens at an address: the kernel has no event for that.
func AwaitPort(t *testing.T, p *Process, address string) {
	t.Helper()
	for deadline := time.Now().Add(ConnectTimeout); ; {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			connection.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen at %s: %v", p.Name, address, err)
		}
		select {
		case <-p.Ended:
			t.Fatalf("%s has ended before it listened at %s", p.Name, address)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// CheckGone runs last. It fails the test if a process or a listener is left.
func (c *Cluster) CheckGone(t *testing.T) {
	// By now, schedulers and storage servers were killed with their groups, and managers were stopped and checked.
	for _, process := range AwaitNone(c.Mark, 5*time.Second) {
		t.Errorf("left at the test's end: process %d of %s (%s)", process.Pid, process.role, process.Command)
		_ = syscall.Kill(process.Pid, syscall.SIGKILL)
	}
	// A killed process loses its environment in /proc a little before it closes its sockets.
	port := TakenPort(c.Port)
	for deadline := time.Now().Add(5 * time.Second); port != 0 && time.Now().Before(deadline); port = TakenPort(c.Port) {
		time.Sleep(20 * time.Millisecond)
	}
	if port != 0 {
		t.Errorf("left at the test's end: a listener at port %d", port)
	}
}

// StartWithoutMonitor starts the scheduler and the object storage server, but no monitor.
func StartWithoutMonitor(t *testing.T, r Release, host string, arguments ...string) *Cluster {
	t.Helper()
	c := Reserve(t, r, Layout{Policy: PolicyVanilla, Host: host})
	if !r.OwnStorage() {
		c.StartStorage(t)
	}
	c.StartScheduler(t, arguments...)
	return c
}
