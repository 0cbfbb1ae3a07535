"""How the cost of workers grows with their number: in time, in memory, in the kernel and in the scheduler."""

from . import processes
from .figures import Figure, at_most
from .fixed import reach, weigh

COUNTS = (1, 4, 16, 64, 256, 1000)
THOUSAND = COUNTS[-1]
LULL = 5  # seconds in which the scheduler of idle workers is watched

# Panels of the plot, by their titles.
REGISTERED, READY, MEMORY = "workers registered (s)", "processors ready (s)", "PSS of the tree (MB)"
MANAGER, HOST, STOPPED = "RSS of the manager (MB)", "RSS of the worker host (MB)", "workers stopped (s)"
DESCRIPTORS, PIDS, THREADS = "descriptors of the manager", "processes of the tree", "threads of the tree"
TABLES, STARTED = "page tables of the tree (MB)", "scheduler's CPU until ready (s)"
IDLE, SCHEDULER = "scheduler's CPU when idle (ms/s)", "RSS of the scheduler (MB)"

_OF_A_THOUSAND = {
    REGISTERED: Figure("1000 workers registered", "s"),
    READY: Figure("1000 processors ready for tasks", "s", at_most(20, "s")),
    MEMORY: Figure("memory of the tree with 1000 workers, PSS", "MB", at_most(5000, "MB"), at_most(3000, "MB")),
    MANAGER: Figure("manager itself with 1000 workers, RSS", "MB", at_most(30, "MB")),
    HOST: Figure("worker host with 1000 workers, RSS", "MB"),
    STOPPED: Figure("1000 workers stopped", "s", at_most(3, "s")),
    DESCRIPTORS: Figure("manager itself with 1000 workers, descriptors"),
    PIDS: Figure("1000 workers, processes"),
    THREADS: Figure("1000 workers, threads of all processes"),
    TABLES: Figure("1000 workers, page tables of all processes", "MB"),
    STARTED: Figure("CPU of the scheduler until 1000 workers are ready", "s"),
    IDLE: Figure("CPU of the scheduler with 1000 idle workers", "ms/s"),
    SCHEDULER: Figure("scheduler with 1000 workers, RSS", "MB"),
}
PANELS = list(_OF_A_THOUSAND)
FIGURES = {
    count: {panel: Figure("growth, %d: %s" % (count, panel), shown=False) for panel in PANELS} for count in COUNTS[:-1]
}
FIGURES[THOUSAND] = _OF_A_THOUSAND


def grow(contest, count):
    with contest.cluster() as (cluster, client):
        scheduler = processes.tree(cluster.scheduler.pid)
        before = processes.used(scheduler)
        with contest.manager(cluster, "fixed", count) as manager:
            registered, ready = reach(cluster, client, manager, count)
            values = {REGISTERED: registered[-1], READY: ready, STARTED: processes.used(scheduler) - before}
            values[MEMORY] = weigh(manager)
            values.update(_holds(manager))
            values[IDLE], _ = processes.activity(scheduler, LULL)
            values[SCHEDULER] = sum(map(processes.rss, scheduler))
            values[STOPPED] = manager.stop()
    return {FIGURES[count][panel]: value for panel, value in values.items()}


def _holds(manager):
    family, pid = manager.family(), manager.process.pid
    return {
        MANAGER: processes.rss(pid),
        HOST: processes.rss(processes.children(pid)[0]),
        DESCRIPTORS: processes.descriptors(pid),
        PIDS: len(family),
        THREADS: processes.threads(family),
        TABLES: processes.page_tables(family),
    }
