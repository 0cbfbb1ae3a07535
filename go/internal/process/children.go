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

// Children are the processes that this program started, and those that it is handed as a subreaper or as process 1 of a
// container. It waits for every child, so that nothing else may: neither os/exec nor os.Process.Wait.
//
// A number is signalled only while it is certain whose it is. A child is a zombie until it is reaped here, under the
// lock that signals take. A tracked process group belongs to another parent, the worker host, which keeps the zombie
// until it is told to let go of it; whoever tells it calls Untrack first.
type Children struct {
	mu      sync.Mutex // guards below; held over fork and insert, and over look, sweep and reap
	started map[int]*Child
	tracked map[int]bool // leaders of process groups

	forks    forkThread
	orphaned func(Exit)
	signals  chan os.Signal
	reaped   chan struct{} // something has been reaped since the last look; one place
	stop     chan struct{}
	done     chan struct{}
}

// Child is a process that was started here.
type Child struct {
	Pid int

	children *Children
	done     chan struct{}
	status   syscall.WaitStatus // valid once done is closed
}

// NewChildren begins to wait for children. orphaned is called for each tracked leader of a process group that became
// a child of this process and has ended, after what was left of its group has been killed. It must not wait for
// Children.
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

// Close ends the waiting. On Linux the children that are left are killed by the kernel.
func (c *Children) Close() {
	signal.Stop(c.signals)
	close(c.stop)
	<-c.done
	c.forks.close()
}

// Start runs a program as the leader of a new process group, with the given files as
// descriptors 0, 1, 2 and so on. On Linux the kernel kills it when this process dies
// (elsewhere it has to notice by itself).
func (c *Children) Start(arguments []string, environment []string, files []*os.File) (*Child, error) {
	descriptors := make([]uintptr, len(files))
	for i, file := range files {
		descriptors[i] = file.Fd()
	}
	c.mu.Lock() // its end cannot be noticed before it is known
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

// Done is closed when the child has ended and was reaped.
func (c *Child) Done() <-chan struct{} { return c.done }

// Status is how it ended; call it after Done.
func (c *Child) Status() syscall.WaitStatus { return c.status }

// Signal signals the child, unless it has ended.
func (c *Child) Signal(signal syscall.Signal) error {
	c.children.mu.Lock()
	defer c.children.mu.Unlock()
	if c.children.started[c.Pid] != c {
		return nil
	}
	return send(c.Pid, signal)
}

// Track says that a number leads a process group of ours, whoever its parent is.
func (c *Children) Track(leader int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tracked[leader] = true
}

// Untrack says that the leader is about to be reaped by its parent: its number is signalled no more.
func (c *Children) Untrack(leader int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.tracked, leader)
}

// SignalTracked signals a tracked leader alone. One that is not tracked any more is no error.
func (c *Children) SignalTracked(leader int, signal syscall.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.tracked[leader] {
		return nil
	}
	return send(leader, signal)
}

// KillGroup kills the group of a tracked leader. One that is not tracked any more is no error.
func (c *Children) KillGroup(leader int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.tracked[leader] {
		return nil
	}
	return sendGroup(leader, syscall.SIGKILL)
}

// Orphans are the tracked leaders that are children of this process now. Call it after the end of their parent, which
// hands them over before its own end can be seen. The others are gone, and not tracked any more. Where orphans are not
// handed to a subreaper, all groups are killed and none is returned.
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

// Sweep waits until no child is left, at most for the time given, then kills those that are, a few times, as each
// may leave children of its own. report is called for each that is killed. It tells whether none is left.
func (c *Children) Sweep(limit time.Duration, report func(pid int)) bool {
	for range sweeps {
		if c.awaitNone(limit) {
			return true
		}
		c.mu.Lock() // nothing is reaped while the numbers are used
		for _, pid := range children() {
			report(pid)
			_ = send(pid, syscall.SIGKILL)
		}
		c.mu.Unlock()
	}
	return c.awaitNone(limit)
}

// sweeps is how many generations of what tasks have detached are killed.
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

// reapOne handles one child that has ended, and tells whether there was one.
func (c *Children) reapOne() bool {
	c.mu.Lock()
	pid, found := endedChild()
	if !found {
		c.mu.Unlock()
		return false
	}
	tracked := c.tracked[pid]
	if tracked {
		// While the zombie holds the number, so that the group is still its own.
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
