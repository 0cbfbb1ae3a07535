package stacks

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

const (
	// interpreterTime is how long the interpreter has for an answer before the main thread is looked at.
	interpreterTime = 500 * time.Millisecond
	// computeTime is the CPU time that the main thread uses without an answer if it computes in C code.
	computeTime = 100 * time.Millisecond
)

// onlyMainThread follows the stack of a main thread that is in C code.
const onlyMainThread = "The main thread is in C code: the stacks of other threads are not known.\n"

// mainThread is that of a process to which a signal is sent.
type mainThread struct {
	pid, signal int
	root        string
	stat        *procfs.Stat
	since       time.Time
	used        time.Duration
}

func watchMainThread(pid, signal int) *mainThread {
	m := &mainThread{pid: pid, signal: signal, since: time.Now()}
	m.root = filepath.Join(procfs.Root, strconv.Itoa(pid), "task")
	m.stat, _ = procfs.OpenStat(m.root, pid)
	usage, _ := m.stat.Read()
	m.used = usage.CPU
	return m
}

func (m *mainThread) close() { m.stat.Close() }

// isInC tells whether the thread has run no Python code since the signal came, and will not before it has answered: it
// sleeps in the kernel, or it has had CPU time enough to answer. A thread that only gets no CPU may stand at an
// instruction where its frames are in disorder.
func (m *mainThread) isInC() bool {
	if time.Since(m.since) < interpreterTime {
		return false
	}
	for _, thread := range procfs.ReadSignals(procfs.Root, m.pid) {
		if procfs.Has(thread.Pending, m.signal) {
			return false
		}
	}
	thread, there := procfs.Read(m.root, m.pid)
	usage, _ := m.stat.Read()
	return there && (thread.State == procfs.Sleeping || usage.CPU-m.used >= computeTime)
}

// handled tells whether the handler of a signal has run. Before, the signal is pending; meanwhile, it is blocked in the
// thread that runs it. Some threads of libraries always block it.
func handled(pid, signal int, before map[int]procfs.Signals) bool {
	for thread, now := range procfs.ReadSignals(procfs.Root, pid) {
		if procfs.Has(now.Pending, signal) || procfs.Has(now.Blocked&^before[thread].Blocked, signal) {
			return false
		}
	}
	return true
}

// standing is what the kernel tells of a process that does not answer.
func standing(pid int) string {
	now, _ := procfs.Read(procfs.Root, pid)
	told := []string{fmt.Sprintf("its state is %c", now.State)}
	for _, name := range []string{"wchan", "syscall"} {
		text, err := os.ReadFile(filepath.Join(procfs.Root, strconv.Itoa(pid), name))
		if text := strings.TrimSpace(string(text)); err == nil && text != "" && text != "0" {
			told = append(told, name+" "+text)
		}
	}
	return strings.Join(told, ", ")
}
