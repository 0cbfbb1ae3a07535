"""Fixed mode: how soon workers are there, what they weigh, how soon they are gone."""

import time

from . import processes
from .figures import Figure, at_most, share, times
from .manager import NATIVE, PYTHON

WORKERS, WIDE, WARM, THOUSAND = 64, 256, 32, 1000
SMALLER = (8, 16, 32)
SETTLING = 2  # seconds after the first tasks, for what processors still do
LULL = 20  # seconds; memory that heartbeats tell of is read in between, with 64 processors every 16 s

REGISTERED = Figure("64 workers registered", "s", times(20))
READY = Figure("64 processors ready for tasks", "s", times(13))
MEMORY = {count: Figure("memory of the tree with %d workers, PSS" % count, "MB") for count in SMALLER}
MEMORY[WORKERS] = Figure("memory of the tree with 64 workers, PSS", "MB", share("a sixth of", 1 / 6))
MANAGER = Figure("manager itself, RSS", "MB", at_most(15, "MB"))
CPU = Figure("64 idle workers, all processes: CPU", "ms/s", at_most(20, "ms/s"))
WAKEUPS = Figure("manager itself with 64 idle workers, wake-ups", "1/s")
STOPPED = Figure("64 workers stopped", "s", at_most(0.5, "s"))
CURVE = Figure("registrations of 64 workers", "s", shown=False)
WIDE_REGISTERED = Figure("256 workers registered", "s")
WIDE_SHARE = Figure("time per worker with 256, against that with 64", "", at_most(1.25))
THOUSANDS = [
    Figure("1000 workers registered", "s"),
    Figure("1000 processors ready for tasks", "s"),
    Figure("memory of the tree with 1000 workers, PSS", "MB"),
    Figure("manager itself with 1000 workers, RSS", "MB", at_most(30, "MB")),
    Figure("1000 workers stopped", "s"),
]
WARM_READY = Figure("NumPy and pandas imported: 32 processors ready", "s")
WARM_MEMORY = Figure("NumPy and pandas imported: memory of the tree with 32 workers, PSS", "MB")


def fixed(contest):
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", WORKERS) as manager:
        registered, ready, memory, alone = _reach(cluster, client, manager, WORKERS)
        cpu, _ = processes.activity(manager.family(), LULL)
        _, wakeups = processes.activity([manager.process.pid], 3)
        return {
            REGISTERED: registered[-1],
            CURVE: registered,
            READY: ready,
            MEMORY[WORKERS]: memory,
            MANAGER: alone,
            CPU: cpu,
            WAKEUPS: wakeups,
            STOPPED: manager.stop(),
        }


def thousand(contest):
    """Of ours only: a machine of 24 GB does not hold a thousand of the Python manager's."""
    if contest.kind == PYTHON:
        return dict.fromkeys(THOUSANDS)
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", THOUSAND) as manager:
        registered, *others = _reach(cluster, client, manager, THOUSAND)
        return dict(zip(THOUSANDS, (registered[-1], *others, manager.stop())))


def _reach(cluster, client, manager, count):
    """Seconds until each of so many workers, and until all of their processors; memory of all, and of the manager."""
    registered = [moment - manager.begun for moment in cluster.journal.await_workers(count)]
    ready = client.ask("spread", count) - manager.begun
    time.sleep(SETTLING)
    return registered, ready, processes.pss(manager.family()), processes.rss(manager.process.pid)


def memory(contest):
    return {MEMORY[count]: _weigh(contest, count)[1] for count in SMALLER}


def warm(contest):
    # pandas imports NumPy; --preload must name something to call, and this is as good as nothing.
    same = ("--warm-imports", "numpy,pandas") if contest.kind == NATIVE else ("--preload", "pandas:DataFrame")
    ready, weight = _weigh(contest, WARM, *same, venv="bench-" + contest.release, modules=("numpy", "pandas"))
    return {WARM_READY: ready, WARM_MEMORY: weight}


def _weigh(contest, count, *extra, venv=None, modules=()):
    """Seconds until so many processors are ready, and their memory with all that belongs to them."""
    with contest.cluster(venv) as (cluster, client), contest.manager(cluster, "fixed", count, *extra) as manager:
        cluster.journal.await_workers(count)
        ready = client.ask("spread", count, *modules) - manager.begun
        time.sleep(SETTLING)
        return ready, processes.pss(manager.family())


def wide(contest):
    few, many = _register(contest, WORKERS), _register(contest, WIDE)
    return {WIDE_REGISTERED: many, WIDE_SHARE: many / WIDE / (few / WORKERS)}


def _register(contest, count):
    with contest.cluster() as (cluster, _), contest.manager(cluster, "fixed", count) as manager:
        return cluster.journal.await_workers(count)[-1] - manager.begun
