"""Fixed mode: the time until workers are ready, their memory, and the time until they have ended."""

import time

from . import processes
from .figures import Figure, at_most, share, times
from .manager import PYTHON

WORKERS, WIDE, WARM = 64, 256, 32
SMALLER = (8, 16, 32)
SETTLING = 2  # seconds after the first tasks, until processors are idle
LULL = 20  # seconds; heartbeats make the manager read the memory of 64 processors every 16 s

REGISTERED = Figure("64 workers registered", "s", times(40))
READY = Figure("64 processors ready for tasks", "s", times(20))
MEMORY = {count: Figure("memory of the tree with %d workers, PSS" % count, "MB") for count in SMALLER}
MEMORY[WORKERS] = Figure(
    "memory of the tree with 64 workers, PSS", "MB", share("a seventh of", 1 / 7), share("a twelfth of", 1 / 12)
)
MANAGER = Figure("manager itself, RSS", "MB", at_most(15, "MB"))
CPU = Figure("64 idle workers, all processes: CPU", "ms/s", at_most(20, "ms/s"))
WAKEUPS = Figure("manager itself with 64 idle workers, wake-ups", "1/s")
STOPPED = Figure("64 workers stopped", "s", at_most(0.5, "s"))
CURVE = Figure("registrations of 64 workers", "s", shown=False)
WIDE_REGISTERED = Figure("256 workers registered", "s")
WIDE_SHARE = Figure("time per worker with 256, against that with 64", "", at_most(1.25))
WARM_READY = Figure("NumPy and pandas imported: 32 processors ready", "s")
WARM_MEMORY = Figure(
    "NumPy and pandas imported: memory of the tree with 32 workers, PSS", "MB", share("a tenth of", 1 / 10)
)


def fixed(contest):
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", WORKERS) as manager:
        registered, ready = reach(cluster, client, manager, WORKERS)
        return {
            REGISTERED: registered[-1],
            CURVE: registered,
            READY: ready,
            MEMORY[WORKERS]: weigh(manager),
            MANAGER: processes.rss(manager.process.pid),
            STOPPED: manager.stop(),
        }


def reach(cluster, client, manager, count):
    """Seconds until each of `count` workers has registered, and until all of their processors are ready."""
    registered = [moment - manager.begun for moment in cluster.journal.await_workers(count)]
    return registered, client.ask("spread", count) - manager.begun


def weigh(manager):
    """The memory of a manager and all its processes, after the processors' first tasks."""
    time.sleep(SETTLING)
    return processes.pss(manager.family())


def idle(contest):
    """64 idle workers, each of which has run a task."""
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", WORKERS) as manager:
        reach(cluster, client, manager, WORKERS)
        time.sleep(SETTLING)
        cpu, _ = processes.activity(manager.family(), LULL)
        _, wakeups = processes.activity([manager.process.pid], 3)
        return {CPU: cpu, WAKEUPS: wakeups}


def memory(contest):
    return {MEMORY[count]: _fill(contest, count)[1] for count in SMALLER}


def warm(contest):
    # pandas imports NumPy. --preload must name something to call, and DataFrame() does hardly anything.
    same = ("--preload", "pandas:DataFrame") if contest.kind == PYTHON else ("--warm-imports", "numpy,pandas")
    ready, weight = _fill(contest, WARM, *same, extras="bench-", modules=("numpy", "pandas"))
    return {WARM_READY: ready, WARM_MEMORY: weight}


def _fill(contest, count, *extra, extras="", modules=()):
    """Seconds until `count` processors are ready, and the memory of the whole tree."""
    with contest.cluster(extras) as (cluster, client), contest.manager(cluster, "fixed", count, *extra) as manager:
        cluster.journal.await_workers(count)
        return client.ask("spread", count, *modules) - manager.begun, weigh(manager)


def wide(contest):
    few, many = _register(contest, WORKERS), _register(contest, WIDE)
    return {WIDE_REGISTERED: many, WIDE_SHARE: many / WIDE / (few / WORKERS)}


def _register(contest, count):
    with contest.cluster() as (cluster, _), contest.manager(cluster, "fixed", count) as manager:
        return cluster.journal.await_workers(count)[-1] - manager.begun
