package faults

import (
	"math/rand"
	"strings"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// targets returns the processes of a manager by kind. It assumes little about parents: the host leads a group below the
// manager, workers lead groups below the host, and processors are in a worker's group and have run tasks.
func targets(m *cluster.Manager, processors map[int]bool) map[string][]int {
	host := cluster.HostOf(m)
	found := map[string][]int{"manager": {m.PID()}}
	for _, pid := range cluster.Descendants(m.PID()) {
		s, ok := cluster.ReadStat(pid)
		switch {
		case !ok:
			continue
		case pid == host:
			found["host"] = append(found["host"], pid)
		case cluster.IsTracker(pid):
			found["tracker"] = append(found["tracker"], pid)
		case processors[pid]:
			found["processor"] = append(found["processor"], pid)
			if s.Parent != host && s.Parent != m.PID() {
				found["parent of processors"] = append(found["parent of processors"], s.Parent)
			}
		case s.Group == pid && s.Parent == host:
			found["worker"] = append(found["worker"], pid)
		}
		found["any"] = append(found["any"], pid)
	}
	return found
}

// What is hit, and how; repetitions are weights.
var (
	chaosTargets = []string{"processor", "processor", "processor", "processor", "worker", "worker", "worker",
		"parent of processors", "tracker", "manager", "any", "any", "host"}
	chaosSignals = []syscall.Signal{
		syscall.SIGKILL, syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, syscall.SIGTERM, syscall.SIGSTOP, syscall.SIGSTOP,
		syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1,
	}
)

// strike signals a process of the manager, but not the host while its memory is measured.
func (r *record) strike(m *cluster.Manager, random *rand.Rand, processors map[int]bool, hosts bool) {
	kind := chaosTargets[random.Intn(len(chaosTargets))]
	signal := chaosSignals[random.Intn(len(chaosSignals))]
	pause := 100*time.Millisecond + time.Duration(random.Intn(2900))*time.Millisecond
	which := random.Int()
	list := targets(m, processors)[kind]
	if len(list) == 0 {
		return
	}
	pid := list[which%len(list)]
	host := cluster.HostOf(m)
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
		syscall.SIGKILL: "kill", syscall.SIGTERM: "term", syscall.SIGSTOP: "stop", syscall.SIGINT: "int",
		syscall.SIGHUP: "hup", syscall.SIGUSR1: "usr1",
	}[s]
}

// note keeps who goes with a process that is hit: what is below it, its process group, and with the host everyone.
func (r *record) note(m *cluster.Manager, pid int, host bool, kind string) {
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
	for _, other := range cluster.Descendants(m.PID()) {
		s, ok := cluster.ReadStat(other)
		if host || ok && s.Group == pid {
			r.hit[other] = true
		}
	}
	for _, below := range cluster.Descendants(pid) {
		r.hit[below] = true
	}
}
