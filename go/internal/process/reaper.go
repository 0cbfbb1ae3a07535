package process

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Exit is the end of a child.
type Exit struct {
	Pid    int
	Status syscall.WaitStatus
}

// Reaper waits for every child of this process, so that nothing else may: neither
// os/exec nor os.Process.Wait. As a subreaper and as process 1 of a container it
// also collects orphans that it never started.
type Reaper struct {
	exits   chan Exit
	signals chan os.Signal
	stop    chan struct{}
	done    chan struct{}
}

// NewReaper starts one. Register before the first child: a SIGCHLD that comes
// earlier is not waited for.
func NewReaper() *Reaper {
	r := &Reaper{
		exits:   make(chan Exit),
		signals: make(chan os.Signal, 1),
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
	}
	signal.Notify(r.signals, syscall.SIGCHLD)
	go r.run()
	return r
}

// Exits tells of every child that ended. It must be read.
func (r *Reaper) Exits() <-chan Exit { return r.exits }

// Close ends the reaping.
func (r *Reaper) Close() {
	signal.Stop(r.signals)
	close(r.stop)
	<-r.done
}

func (r *Reaper) run() {
	defer close(r.done)
	for {
		for {
			exit, ok := next()
			if !ok {
				break
			}
			select {
			case r.exits <- exit:
			case <-r.stop:
				return
			}
		}
		select {
		case <-r.signals:
		case <-r.stop:
			return
		}
	}
}

func next() (Exit, bool) {
	var status syscall.WaitStatus
	for {
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		return Exit{pid, status}, err == nil && pid > 0
	}
}

// AwaitNone reads exits until no child is left or the time is over, and tells which.
func (r *Reaper) AwaitNone(limit time.Duration) bool {
	over := time.NewTimer(limit)
	defer over.Stop()
	for hasChildren() {
		select {
		case <-r.exits:
		case <-over.C:
			return false
		}
	}
	return true
}
