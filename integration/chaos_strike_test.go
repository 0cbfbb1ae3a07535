package integration

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// descendants returns all living processes below one, in the order of their ids.
func descendants(pid int) (list []int) {
	for next := children(pid); len(next) > 0; {
		var deeper []int
		for _, child := range next {
			if alive(child) {
				list = append(list, child)
			}
			deeper = append(deeper, children(child)...)
		}
		next = deeper
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func isTracker(pid int) bool {
	command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return bytes.Contains(command, []byte("resource tracker"))
}

// targets are the processes of a manager by what they are. It presumes as little as it can of who is whose parent: the
// host leads a group below the manager, workers lead theirs below the host, and processors are in a worker's group and
// have executed tasks.
func targets(m *manager, processors map[int]bool) map[string][]int {
	host := hostOf(m)
	found := map[string][]int{"manager": {m.pid()}}
	for _, pid := range descendants(m.pid()) {
		s, ok := readStat(pid)
		switch {
		case !ok:
			continue
		case pid == host:
			found["host"] = append(found["host"], pid)
		case isTracker(pid):
			found["tracker"] = append(found["tracker"], pid)
		case processors[pid]:
			found["processor"] = append(found["processor"], pid)
			if s.parent != host && s.parent != m.pid() {
				found["parent of processors"] = append(found["parent of processors"], s.parent)
			}
		case s.group == pid && s.parent == host:
			found["worker"] = append(found["worker"], pid)
		}
		found["any"] = append(found["any"], pid)
	}
	return found
}

// Weights of what is hit, and of how.
var (
	chaosTargets = []string{"processor", "processor", "processor", "processor", "worker", "worker", "worker", "parent of processors", "tracker", "manager", "any", "any", "host"}
	chaosSignals = []syscall.Signal{
		syscall.SIGKILL, syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, syscall.SIGTERM, syscall.SIGSTOP, syscall.SIGSTOP,
		syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1,
	}
)

// strike hits a process of the manager. Hosts are left alone where they are to be measured.
func (r *record) strike(m *manager, random *rand.Rand, processors map[int]bool, hosts bool) {
	kind := chaosTargets[random.Intn(len(chaosTargets))]
	signal := chaosSignals[random.Intn(len(chaosSignals))]
	pause := 100*time.Millisecond + time.Duration(random.Intn(2900))*time.Millisecond
	which := random.Int()
	list := targets(m, processors)[kind]
	if len(list) == 0 {
		return
	}
	pid := list[which%len(list)]
	host := hostOf(m)
	switch {
	case kind == "manager" && signal != syscall.SIGHUP:
		signal = syscall.SIGSTOP // its end is another test's
	case pid == host && !hosts && signal != syscall.SIGSTOP:
		return
	case signal == syscall.SIGUSR1 && kind != "worker" && kind != "host" && kind != "tracker":
		// Scaler's own signal for the suspension of a processor (1.26.6 to 2.9.0): nobody would resume it.
		signal = syscall.SIGKILL
	}
	if signal != syscall.SIGSTOP && kind != "manager" {
		r.note(m, pid, pid == host, kind)
	}
	_ = syscall.Kill(pid, signal)
	if signal == syscall.SIGSTOP {
		time.AfterFunc(pause, func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	}
	r.strikes[kind+" "+strings.ToUpper(signalName(signal))]++
}

func signalName(s syscall.Signal) string {
	return map[syscall.Signal]string{
		syscall.SIGKILL: "kill", syscall.SIGTERM: "term", syscall.SIGSTOP: "stop", syscall.SIGINT: "int", syscall.SIGHUP: "hup", syscall.SIGUSR1: "usr1",
	}[s]
}

// note keeps who goes with a process that is hit: what is below it, its process group, and with the host everyone.
func (r *record) note(m *manager, pid int, host bool, kind string) {
	r.hit[pid] = true
	if kind == "processor" || kind == "any" {
		r.aimed++
	}
	if kind == "tracker" {
		return
	}
	if kind != "processor" {
		r.sudden++
	}
	for _, other := range descendants(m.pid()) {
		s, ok := readStat(other)
		if host || ok && s.group == pid {
			r.hit[other] = true
		}
	}
	for _, below := range descendants(pid) {
		r.hit[below] = true
	}
}
