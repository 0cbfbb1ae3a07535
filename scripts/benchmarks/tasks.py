"""Tasks: the rate of tiny ones, the cost of each, and the time until the worker of a cancelled one runs the next."""

import statistics

from . import processes
from .figures import Figure, at_most, share, times

TINY, FEWER = 3000, 1000  # fewer for figures that only the plot shows
RATE = {
    1: Figure("%d tiny tasks over 1 worker" % FEWER, "1/s", more=True),
    2: Figure("%d tiny tasks over 2 workers" % TINY, "1/s", times(1.25), more=True),
    4: Figure("%d tiny tasks over 4 workers" % FEWER, "1/s", more=True),
    16: Figure("%d tiny tasks over 16 workers" % TINY, "1/s", times(1.4), more=True),
    64: Figure("%d tiny tasks over 64 workers" % FEWER, "1/s", more=True),
}
COST = Figure("CPU of a tiny task, agent and processor", "ms", share("0.6 of", 0.6))
AGENT = Figure("CPU of a tiny task, agent", "ms", at_most(0.15, "ms"))
PROCESSOR = Figure("CPU of a tiny task, processor", "ms")
SCHEDULER = Figure("CPU of a tiny task, scheduler", "ms")
MEDIAN = Figure("one tiny task at a time, median", "ms", share("0.85 of", 0.85))
SLOW = Figure("one tiny task at a time, 95th percentile", "ms")

CANCELLED = Figure("cancelled task's worker runs the next one", "ms", at_most(100, "ms"))
CANCELS = 3


def few(contest):
    """Two workers, one per CPU. All processes of a manager that are not processors count as agents."""
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", 2) as manager:
        cluster.journal.await_workers(2)
        processors = client.ask("processors", 2)
        others = [pid for pid in manager.family() if pid not in processors]
        # Before 2.0 the object storage is a child of the scheduler, and counts with it.
        parts = {AGENT: others, PROCESSOR: processors, SCHEDULER: processes.tree(cluster.scheduler.pid)}
        before = {figure: processes.used(pids) for figure, pids in parts.items()}
        rate = client.ask("throughput", TINY)
        cost = {figure: (processes.used(pids) - before[figure]) / TINY * 1e3 for figure, pids in parts.items()}
        median, slow = client.ask("latency", 300)
        return {RATE[2]: rate, COST: cost[AGENT] + cost[PROCESSOR], **cost, MEDIAN: median * 1e3, SLOW: slow * 1e3}


def rate(contest, count):
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", count):
        cluster.journal.await_workers(count)
        client.ask("processors", count)
        return {RATE[count]: client.ask("throughput", TINY if count == 16 else FEWER)}


def cancel(contest):
    """Scaler's agent gives a processor 3 s to end by itself, which it cannot in a task (1.26.0 to 2.9.0)."""
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", 1):
        cluster.journal.await_workers(1)
        took = [client.ask("cancel", cluster.logs / ("started-%d" % turn), limit=60) for turn in range(CANCELS)]
        return {CANCELLED: statistics.median(took) * 1e3}
