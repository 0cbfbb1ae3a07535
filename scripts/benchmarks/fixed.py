"""Fixed mode: how soon workers are there, what they weigh, how soon they are gone."""

import time

from . import processes
from .figures import Figure, at_most, share, times
from .manager import PYTHON

WORKERS, WIDE, WARM = 64, 256, 32
SMALLER = (8, 16, 32)
SETTLING = 2  # seconds after the first tasks, for what processors still do
LULL = 20  # seconds; memory that heartbeats tell of is read in between, with 64 processors every 16 s

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
    """Seconds until each of so many workers, and until all of their processors."""
    registered = [moment - manager.begun for moment in cluster.journal.await_workers(count)]
    return registered, client.ask("spread", count) - manager.begun


def weigh(manager):
    """Memory of a manager with processors that have run their first tasks, and of all that belongs to it."""
    time.sleep(SETTLING)
    return processes.pss(manager.family())


def idle(contest):
    """64 workers that have all run a task once, and do nothing."""
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", WORKERS) as manager:
        reach(cluster, client, manager, WORKERS)
        time.sleep(SETTLING)
        cpu, _ = processes.activity(manager.family(), LULL)
        _, wakeups = processes.activity([manager.process.pid], 3)
        return {CPU: cpu, WAKEUPS: wakeups}


def memory(contest):
    return {MEMORY[count]: _fill(contest, count)[1] for count in SMALLER}


def warm(contest):
    # pandas imports NumPy; --preload must name something to call, and this is as good as nothing.
    same = ("--preload", "pandas:DataFrame") if contest.kind == PYTHON else ("--warm-imports", "numpy,pandas")
    ready, weight = _fill(contest, WARM, *same, extras="bench-", modules=("numpy", "pandas"))
    return {WARM_READY: ready, WARM_MEMORY: weight}


def _fill(contest, count, *extra, extras="", modules=()):
    """Seconds until so many processors are ready, and their memory with all that belongs to them."""
    with contest.cluster(extras) as (cluster, client), contest.manager(cluster, "fixed", count, *extra) as manager:
        cluster.journal.await_workers(count)
        return client.ask("spread", count, *modules) - manager.begun, weigh(manager)


def wide(contest):
    few, many = _register(contest, WORKERS), _register(contest, WIDE)
    return {WIDE_REGISTERED: many, WIDE_SHARE: many / WIDE / (few / WORKERS)}


def _register(contest, count):
    with contest.cluster() as (cluster, _), contest.manager(cluster, "fixed", count) as manager:
        return cluster.journal.await_workers(count)[-1] - manager.begun
