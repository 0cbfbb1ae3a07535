"""The load by other processes during a measurement. If there is too much of it, the measurement is repeated."""

import os
import resource
import time
from typing import NamedTuple

QUIET = 0.05  # a machine is quiet if others use at most this part of all CPUs
ATTEMPTS = 3
WAIT = 60  # seconds to wait for a quiet machine; after that it is measured all the same
GLANCE = 0.5  # seconds over which the load is taken while waiting


class Load(NamedTuple):
    """Parts of the time of all CPUs."""

    before: float  # busy at all, right before the measurement
    others: float  # used by other processes, or by other guests of the hypervisor

    @property
    def quiet(self):
        return self.others <= QUIET


class Attempts(NamedTuple):
    values: dict
    load: Load
    thrown: int  # attempts that were discarded


class Patience:
    """The seconds that all waiting and repeating may take, so that a run ends on a machine that is never quiet."""

    def __init__(self, seconds):
        self.left = seconds

    def spend(self, seconds):
        self.left -= seconds


class Watch:
    """The load since it was created. What was measured must have ended, and been reaped, before `busy` is called."""

    def __init__(self):
        self._counts, self._own = _counts(), _own()

    def busy(self):
        """The parts of the time of all CPUs that were used by all processes, and by others."""
        (busy, total), (busy_then, total_then) = _counts(), self._counts
        passed = max(total - total_then, 1e-9)
        used = _own() - self._own
        return (busy - busy_then) / passed, max(busy - busy_then - used, 0) / passed


def _counts():
    """The CPU seconds of the machine: busy ones, and all."""
    with open("/proc/stat") as file:
        user, nice, system, idle, waiting, irq, softirq, stolen, *_ = map(int, file.readline().split()[1:])
    # The time of interrupts belongs to no process; most of it is caused by what is measured.
    busy = user + nice + system + stolen
    tick = os.sysconf("SC_CLK_TCK")
    return busy / tick, (busy + idle + waiting + irq + softirq) / tick


def _own():
    """The CPU seconds of this process and of all its reaped descendants."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def await_quiet(patience):
    """Wait for a quiet machine, before a measurement starts. Returns the load at the end."""
    begun = time.time()
    over = begun + min(WAIT, patience.left)
    while True:
        watch = Watch()
        time.sleep(GLANCE)
        busy, _ = watch.busy()
        if busy <= QUIET or time.time() > over:
            patience.spend(time.time() - begun - GLANCE)
            return busy


def quietly(measure, patience, attempts=ATTEMPTS):
    """Call measure() until the machine was quiet. It returns values and load. Returns the quietest attempt."""
    made = []
    while True:
        begun = time.time()
        made.append(measure())
        _, load = made[-1]
        patience.spend(time.time() - begun if len(made) > 1 else 0)
        if load.quiet or len(made) == attempts or patience.left <= 0:
            break
    values, load = min(made, key=lambda attempt: attempt[1].others)
    return Attempts(values, load, len(made) - 1)
