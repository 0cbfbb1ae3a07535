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
	// interpreterTime is the time for the interpreter to answer before the main thread is checked.
	interpreterTime = 500 * time.Millisecond
	// computeTime is the CPU time after which a main thread that has not answered must be in C code.
	computeTime = 100 * time.Millisecond
)

// onlyMainThread follows the stack of a main thread that is in C code.
const onlyMainThread = "The main thread is in C code: the stacks of other threads are not known.\n"

// mainThread is the main thread of a process to which a signal was sent.
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

// isInC reports whether the thread is in C code: it has not answered although it sleeps in the kernel or had enough CPU
// time. A thread that merely got no CPU time may be at an instruction where its Python frames are inconsistent, so that
// the C handler must not read them.
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

// handled reports whether the handler of a signal has run. Before, the signal is pending; meanwhile, it is blocked in
// the thread that runs the handler. Some threads of libraries always block it, hence before.
func handled(pid, signal int, before map[int]procfs.Signals) bool {
	for thread, now := range procfs.ReadSignals(procfs.Root, pid) {
		if procfs.Has(now.Pending, signal) || procfs.Has(now.Blocked&^before[thread].Blocked, signal) {
			return false
		}
	}
	return true
}

// standing describes what a process that does not answer is doing, as far as the kernel shows it.
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
