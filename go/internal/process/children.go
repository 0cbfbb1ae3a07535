package process

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// Exit is how a process ended.
type Exit struct {
	Pid    int
	Status syscall.WaitStatus
}

// Children owns the child processes of this program: those that it has started, and those that it adopts as a subreaper
// or as process 1 of a container. It reaps every child, so nothing else may: neither os/exec nor os.Process.Wait.
//
// A pid is signalled only while it certainly belongs to the intended process. A child stays a zombie until it is reaped
// here, under the lock that signals take. The leader of a tracked process group has another parent, the worker host,
// which keeps the zombie until it is told to reap it; before telling it, call Untrack.
type Children struct {
	mu      sync.Mutex // guards below; held across fork and insert, and across waitid, kill and reap
	started map[int]*Child
	tracked map[int]bool // leaders of process groups

	forks    forkThread
	orphaned func(Exit)
	signals  chan os.Signal
	reaped   chan struct{} // something was reaped; capacity 1
	stop     chan struct{}
	done     chan struct{}
}

// Child is a process started by Children.Start.
type Child struct {
	Pid int

	children *Children
	done     chan struct{}
	status   syscall.WaitStatus // valid once done is closed
}

// NewChildren starts reaping children. orphaned is called for each tracked leader that became a child of this process
// and has exited, after the rest of its process group was killed. It must not wait for Children.
func NewChildren(orphaned func(Exit)) *Children {
	c := &Children{
		started:  map[int]*Child{},
		tracked:  map[int]bool{},
		forks:    newForkThread(),
		orphaned: orphaned,
		signals:  make(chan os.Signal, 1),
		reaped:   make(chan struct{}, 1),
		stop:     make(chan struct{}),
		done:     make(chan struct{}),
	}
	signal.Notify(c.signals, syscall.SIGCHLD)
	go c.run()
	return c
}

// Close stops reaping. On Linux the kernel then kills the children that are left.
func (c *Children) Close() {
	signal.Stop(c.signals)
	close(c.stop)
	<-c.done
	c.forks.close()
}

// Start starts a program as the leader of a new process group, with the given files as file descriptors 0, 1, 2 and so
// on. On Linux the kernel kills it when this process dies; elsewhere it has to notice that by itself.
func (c *Children) Start(arguments []string, environment []string, files []*os.File) (*Child, error) {
	descriptors := make([]uintptr, len(files))
	for i, file := range files {
		descriptors[i] = file.Fd()
	}
	c.mu.Lock() // it must not be reaped before it is in started
	defer c.mu.Unlock()
	pid, err := c.forks.start(arguments[0], arguments, &syscall.ProcAttr{
		Env:   environment,
		Files: descriptors,
		Sys:   attributes(),
	})
	if err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", arguments[0], err)
	}
	child := &Child{Pid: pid, children: c, done: make(chan struct{})}
	c.started[pid] = child
	return child, nil
}

// Done is closed when the child has exited and was reaped.
func (c *Child) Done() <-chan struct{} { return c.done }

// Status returns the wait status. It is valid once Done is closed.
func (c *Child) Status() syscall.WaitStatus { return c.status }

// Signal signals the child, unless it has exited.
func (c *Child) Signal(signal syscall.Signal) error {
	c.children.mu.Lock()
	defer c.children.mu.Unlock()
	if c.children.started[c.Pid] != c {
		return nil
	}
	return send(c.Pid, signal)
}

// Track records that a pid leads a process group of ours, whoever its parent is.
func (c *Children) Track(leader int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tracked[leader] = true
}

// Untrack records that the leader's parent is about to reap it. Its pid is not signalled any more.
func (c *Children) Untrack(leader int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.tracked, leader)
}

// SignalTracked signals a leader, but not its group. It does nothing if the leader is not tracked.
func (c *Children) SignalTracked(leader int, signal syscall.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.tracked[leader] {
		return nil
	}
	return send(leader, signal)
}

// KillGroup kills the process group of a leader. It does nothing if the leader is not tracked.
func (c *Children) KillGroup(leader int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.tracked[leader] {
		return nil
	}
	return sendGroup(leader, syscall.SIGKILL)
}

// Orphans returns the tracked leaders that are children of this process now. Call it after their parent has exited: the
// kernel hands them over before that is visible. All others have exited, and are untracked. Where orphans are not
// handed to a subreaper, it kills all groups and returns none.
func (c *Children) Orphans() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []int
	for leader := range c.tracked {
		if isChild(leader) {
			found = append(found, leader)
			continue
		}
		if !adopts {
			_ = sendGroup(leader, syscall.SIGKILL)
		}
		delete(c.tracked, leader)
	}
	return found
}

// Sweep waits up to limit until no child is left, then kills the remaining ones. It repeats that a few times, as each
// may leave children of its own. report is called for each that is killed. It returns whether none is left.
func (c *Children) Sweep(limit time.Duration, report func(pid int)) bool {
	for range sweeps {
		if c.awaitNone(limit) {
			return true
		}
		c.mu.Lock() // no pid is reaped and reused meanwhile
		for _, pid := range children() {
			report(pid)
			_ = send(pid, syscall.SIGKILL)
		}
		c.mu.Unlock()
	}
	return c.awaitNone(limit)
}

// sweeps is how many generations of detached processes are killed.
const sweeps = 8

func (c *Children) awaitNone(limit time.Duration) bool {
	over := time.NewTimer(limit)
	defer over.Stop()
	for hasChildren() {
		select {
		case <-c.reaped:
		case <-over.C:
			return false
		}
	}
	return true
}

func (c *Children) run() {
	defer close(c.done)
	for {
		for c.reapOne() {
		}
		select {
		case <-c.signals:
		case <-c.stop:
			return
		}
	}
}

// reapOne reaps one child that has exited, and returns whether there was one.
func (c *Children) reapOne() bool {
	c.mu.Lock()
	pid, found := endedChild()
	if !found {
		c.mu.Unlock()
		return false
	}
	tracked := c.tracked[pid]
	if tracked {
		// The zombie still holds the pid, so the group is certainly its own.
		_ = sendGroup(pid, syscall.SIGKILL)
		delete(c.tracked, pid)
	}
	status := reap(pid)
	child := c.started[pid]
	delete(c.started, pid)
	c.mu.Unlock()

	select {
	case c.reaped <- struct{}{}:
	default:
	}
	if child != nil {
		child.status = status
		close(child.done)
	}
	if tracked {
		c.orphaned(Exit{pid, status})
	}
	return true
}
