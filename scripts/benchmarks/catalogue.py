"""All measurements, in the order of the table."""

import functools
from typing import Callable, Mapping, NamedTuple

from . import dynamic, fixed, growth, idle, peers, start, submitting, tasks
from .manager import FALLBACK, NATIVE, PYTHON

# How often each contestant is measured: once if it takes minutes, and not at all if it would show nothing new.
BOTH = {NATIVE: 3, PYTHON: 3}
ALL = {NATIVE: 3, PYTHON: 3, FALLBACK: 1}
COSTLY = {NATIVE: 3, PYTHON: 1}
ONCE = {NATIVE: 1, PYTHON: 1}
OURS = {NATIVE: 3}
NONE = {}


class Measurement(NamedTuple):
    name: str
    function: Callable
    figures: list
    runs: Mapping[str, int] = BOTH
    second: Mapping[str, int] = NONE  # with the second Python
    older: Mapping[str, int] = ALL  # with releases before the newest
    gigabytes: int = 0  # memory that it needs

    def __call__(self, contest):
        """Measure. Returns a value for every figure."""
        values = self.function(contest)
        if set(values) != set(self.figures):
            raise RuntimeError("%s has not measured the figures of the catalogue" % self.name)
        return values

    def times(self, kind, older, second):
        """How often a contestant is measured, with an older release or the second Python."""
        allowed = [self.runs] + [self.older] * older + [self.second] * second
        return min(runs.get(kind, 0) for runs in allowed)


_FIXED = [fixed.REGISTERED, fixed.READY, fixed.MEMORY[64], fixed.MANAGER, fixed.STOPPED, fixed.CURVE]
_TASKS = [tasks.RATE[2], tasks.COST, tasks.AGENT, tasks.PROCESSOR, tasks.SCHEDULER, tasks.MEDIAN, tasks.SLOW]


def _grow(count):
    name = "thousand" if count == growth.THOUSAND else "grow%d" % count
    function, figures = functools.partial(growth.grow, count=count), list(growth.FIGURES[count].values())
    # The plot shows the newest release only.
    older, gigabytes = (OURS, 14) if count == growth.THOUSAND else (NONE, 0)
    return Measurement(name, function, figures, {NATIVE: 1}, second=OURS, older=older, gigabytes=gigabytes)


def _burst(count, **runs):
    function = functools.partial(dynamic.burst, count=count)
    return Measurement("burst%d" % count, function, [dynamic.BURST[count]], **runs)


def _rate(count, **runs):
    return Measurement("tasks%d" % count, functools.partial(tasks.rate, count=count), [tasks.RATE[count]], **runs)


MEASUREMENTS = [
    Measurement("fixed", fixed.fixed, _FIXED, ALL, second={NATIVE: 3, PYTHON: 1, FALLBACK: 1}),
    Measurement("idle64", fixed.idle, [fixed.CPU, fixed.WAKEUPS], ONCE),
    Measurement("wide", fixed.wide, [fixed.WIDE_REGISTERED, fixed.WIDE_SHARE], COSTLY, older=OURS),
    _burst(16, runs=COSTLY),
    _burst(64, runs=COSTLY, older=OURS),
    _burst(1000, runs={NATIVE: 1}, older=NONE, gigabytes=14),
    Measurement("submitting", submitting.submitting, [submitting.GROWN], COSTLY),
    Measurement("first", dynamic.first, [dynamic.FIRST], COSTLY),
    Measurement("heartbeat", start.heartbeat, [start.HEARTBEAT]),
    Measurement("cancel", tasks.cancel, [tasks.CANCELLED], COSTLY),
    Measurement("tasks2", tasks.few, _TASKS, ALL, second=ONCE),
    _rate(16, runs=ALL, second=ONCE),
    _rate(1, runs=ONCE, older=NONE),
    _rate(4, runs=ONCE, older=NONE),
    _rate(64, runs=ONCE, older=NONE),
    *map(_grow, growth.COUNTS),
    Measurement("fleet", idle.fleet, [idle.FLEET_EMPTY, idle.FLEET_FULL], ONCE),
    Measurement("idle", idle.idle, [idle.CPU, idle.WAKEUPS, idle.MEMORY], ONCE),
    Measurement("memory", fixed.memory, [fixed.MEMORY[count] for count in fixed.SMALLER], ONCE, second=ONCE),
    Measurement("warm", fixed.warm, [fixed.WARM_READY, fixed.WARM_MEMORY], COSTLY, second=ONCE),
    Measurement("startup", start.startup, [start.HELP, start.SIZE]),
    Measurement(
        "peers", peers.start, [peers.STARTED, peers.MEMORY, peers.CURVE], dict.fromkeys(peers.PEERS, 2), older=NONE
    ),
    Measurement("peers-tasks", peers.work, list(peers.RATE.values()), dict.fromkeys(peers.WORKING, 1), older=NONE),
]
FIGURES = {figure.name: figure for measurement in MEASUREMENTS for figure in measurement.figures}

# The figures of the README, and whether with the second Python.
CHOSEN = [
    (fixed.READY, False),
    (fixed.MEMORY[64], False),
    (fixed.MEMORY[64], True),
    (dynamic.BURST[64], False),
    (tasks.RATE[16], False),
]
