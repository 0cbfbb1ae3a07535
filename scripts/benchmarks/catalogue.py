"""All measurements, in the order of the table."""

import functools
from typing import Callable, NamedTuple

from . import dynamic, fixed, idle, start, submitting, tasks
from .manager import NATIVE, PYTHON


class Measurement(NamedTuple):
    name: str
    function: Callable
    figures: list
    again: tuple = (NATIVE, PYTHON)  # whose turn comes in every run; the others', which take minutes, only in the first

    def __call__(self, contest):
        """Every figure, or an exception."""
        values = self.function(contest)
        if set(values) != set(self.figures):
            raise RuntimeError("%s measured something else than it should" % self.name)
        return values


_FIXED = [
    fixed.REGISTERED,
    fixed.READY,
    fixed.MEMORY[fixed.WORKERS],
    fixed.MANAGER,
    fixed.STOPPED,
    fixed.CPU,
    fixed.WAKEUPS,
    fixed.CURVE,
]

MEASUREMENTS = [
    Measurement("fixed", fixed.fixed, _FIXED),
    Measurement("wide", fixed.wide, [fixed.WIDE_REGISTERED, fixed.WIDE_SHARE], again=(NATIVE,)),
    Measurement("burst16", functools.partial(dynamic.burst, count=16), [dynamic.BURST[16]]),
    Measurement("burst64", functools.partial(dynamic.burst, count=64), [dynamic.BURST[64]], again=(NATIVE,)),
    Measurement("submitting", submitting.submitting, [submitting.GROWN]),
    Measurement("first", dynamic.first, [dynamic.FIRST]),
    Measurement("heartbeat", start.heartbeat, [start.HEARTBEAT]),
    Measurement("cancel", tasks.cancel, [tasks.CANCELLED]),
    Measurement("tasks2", tasks.few, [tasks.RATE[2], tasks.COST, tasks.AGENT, tasks.MEDIAN, tasks.SLOW]),
    Measurement("tasks16", tasks.many, [tasks.RATE[16]]),
    Measurement("thousand", fixed.thousand, fixed.THOUSANDS, again=()),
    Measurement("fleet", idle.fleet, [idle.FLEET_EMPTY, idle.FLEET_FULL], again=()),
    Measurement("idle", idle.idle, [idle.CPU, idle.WAKEUPS, idle.MEMORY]),
    Measurement("memory", fixed.memory, [fixed.MEMORY[count] for count in fixed.SMALLER], again=()),
    Measurement("warm", fixed.warm, [fixed.WARM_READY, fixed.WARM_MEMORY]),
    Measurement("startup", start.startup, [start.HELP, start.SIZE]),
]
