package pool

import (
	"errors"
	"maps"
	"slices"
	"syscall"
	"time"
)

// anyOf returns a random key of a map, and sometimes one that is not in it.
func anyOf(w *world, keys map[int]int) int {
	if len(keys) == 0 || w.random.IntN(20) == 0 {
		return 999_999
	}
	sorted := slices.Sorted(maps.Keys(keys))
	return sorted[w.random.IntN(len(sorted))]
}

// exit has a process exit. It is removed first: the pool may reuse its slot at once.
func (w *world) exit(pid int, status syscall.WaitStatus, orphan bool) {
	w.t.Helper()
	delete(w.slots, pid)
	if orphan {
		delete(w.known, pid)
		delete(w.orphans, pid)
	}
	w.handle(Exited{pid, status, orphan})
}

// loseHost has the host die: some of its workers become orphans, the others have been reaped.
func (w *world) loseHost() {
	w.t.Helper()
	lost := HostLost{}
	clear(w.starting)
	for _, pid := range slices.Sorted(maps.Keys(w.slots)) {
		if _, orphan := w.orphans[pid]; orphan || w.random.IntN(2) == 0 {
			lost.Orphans = append(lost.Orphans, pid)
			w.orphans[pid] = 0
		} else {
			delete(w.slots, pid)
			delete(w.known, pid)
		}
	}
	w.up = false
	w.handle(lost)
}

// answerStart has the host answer a start.
func (w *world) answerStart(refuse bool) {
	w.t.Helper()
	number := anyOf(w, w.starting)
	slot, asked := w.starting[number]
	delete(w.starting, number)
	if refuse {
		w.handle(Refused{number, errors.New("no memory")})
		return
	}
	if w.lastPid++; asked {
		w.slots[w.lastPid] = slot
	}
	w.handle(Started{Worker: number, Pid: w.lastPid, Identity: identityOf(w.lastPid)})
}

// step makes one random event happen.
func (w *world) step() {
	w.t.Helper()
	w.clock = w.clock.Add(time.Duration(w.random.IntN(300)) * time.Millisecond)
	if due := w.Deadline(); !due.IsZero() && !due.After(w.clock) {
		w.handle(Tick{})
	}
	number := w.random.IntN(w.lastNumber+2) - w.random.IntN(min(w.lastNumber+1, 20))
	switch event := w.random.IntN(48); event {
	case 0, 1, 2:
		w.handle(SetDesired{w.random.IntN(10)})
	case 3:
		w.handle(SetDesired{4_000_000_000})
	case 4, 5:
		w.handle(StartOne{w.request()})
	case 6, 7:
		identities := make([]string, w.random.IntN(3))
		for i := range identities {
			identities[i] = identityOf(anyOf(w, w.slots))
		}
		w.handle(StopWorkers{w.request(), identities})
	case 8:
		w.handle(KillWorker{anyOf(w, w.slots)})
	case 9:
		w.handle(SchedulerLost{})
	case 10:
		w.handle(SchedulerGone{})
	case 11, 12, 13:
		w.handle(SchedulerFound{w.random.IntN(3) == 0})
	case 14:
		w.handle(Tick{})
	case 15:
		if w.random.IntN(4) == 0 && w.up {
			w.loseHost()
		}
	case 16, 17:
		if !w.up {
			w.up = true
			w.handle(HostReady{})
		}
	case 18:
		w.answerStart(true)
	case 19, 20, 21, 22, 23, 24, 25:
		w.answerStart(false)
	case 26, 27, 28, 29:
		w.handle(Registered{number})
	case 30, 31:
		w.handle(Busy{number})
	case 32, 33:
		w.handle(Idle{number})
	case 34:
		w.handle(Drain{time.Duration(w.random.IntN(3)) * time.Second})
	case 35, 36:
		w.handle(Resume{})
	case 37:
		w.handle(Resize{w.random.IntN(8) - 1})
	case 38:
		w.handle(Restart{number})
	case 39:
		w.handle(RestartAll{})
	case 40, 41:
		if w.agentsDrain {
			w.handle(Drained{number})
		}
	default:
		pid := anyOf(w, w.slots)
		_, orphan := w.orphans[pid]
		if w.up || orphan { // a dead host reports no exits
			w.exit(pid, syscall.WaitStatus([]int{exitedWith0, exitedWith1, killed}[w.random.IntN(3)]), orphan)
		}
	}
}
