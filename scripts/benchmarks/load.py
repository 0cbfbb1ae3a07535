"""What others do on the machine while something is measured, and what is done about it: it is measured again."""

import os
import resource
import time
from typing import NamedTuple

QUIET = 0.05  # of all CPUs: more than that in the hands of others is not quiet
ATTEMPTS = 3
WAIT = 60  # seconds at most for a quiet machine; then it is measured all the same
GLANCE = 0.5


class Load(NamedTuple):
    """Parts of the time of all CPUs."""

    before: float  # busy with anything, right before
    others: float  # busy with what is not of the measurement, the hypervisor's other guests too

    @property
    def quiet(self):
        return self.others <= QUIET


class Attempts(NamedTuple):
    values: dict
    load: Load
    thrown: int  # out


class Patience:
    """Seconds that all waiting and repeating may take: a machine that is never quiet still comes to an end."""

    def __init__(self, seconds):
        self.left = seconds

    def spend(self, seconds):
        self.left -= seconds


class Watch:
    """Of the kernel's counts since it was made. All that is measured has to have ended, and to be reaped, before it is asked."""

    def __init__(self):
        self._counts, self._own = _counts(), _own()

    def busy(self):
        """Parts of the time of all CPUs: with anything, and with others."""
        (busy, total), (busy_then, total_then) = _counts(), self._counts
        passed = max(total - total_then, 1e-9)
        used = _own() - self._own
        return (busy - busy_then) / passed, max(busy - busy_then - used, 0) / passed


def _counts():
    """CPU seconds of the machine: those not idle, and all."""
    with open("/proc/stat") as file:
        user, nice, system, idle, waiting, irq, softirq, stolen, *_ = map(int, file.readline().split()[1:])
    # What interrupts take is nobody's, and most of it is for what is measured.
    busy = user + nice + system + stolen
    tick = os.sysconf("SC_CLK_TCK")
    return busy / tick, (busy + idle + waiting + irq + softirq) / tick


def _own():
    """CPU seconds of this process and of all below it that have been reaped."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def await_quiet(patience):
    """How busy the machine is in the end; nothing of ours runs yet."""
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
    """The first attempt that a quiet machine allowed, or the quietest of all: measure() gives values and load."""
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
