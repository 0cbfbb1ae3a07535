"""Tasks: how many tiny ones there are in a second, what each costs, and how soon a cancelled one's worker is ready."""

import statistics

from . import processes
from .figures import Figure, at_most, share, times

TINY = 3000
RATE = {
    2: Figure("%d tiny tasks over 2 workers" % TINY, "1/s", times(1.25), more=True),
    16: Figure("%d tiny tasks over 16 workers" % TINY, "1/s", times(1.4), more=True),
}
COST = Figure("CPU of a tiny task, agent and processor", "ms", share("0.6 of", 0.6))
AGENT = Figure("CPU of a tiny task, agent", "ms", at_most(0.15, "ms"))
MEDIAN = Figure("one tiny task at a time, median", "ms", share("0.85 of", 0.85))
SLOW = Figure("one tiny task at a time, 95th percentile", "ms")

CANCELLED = Figure("cancelled task's worker runs the next one", "ms", at_most(100, "ms"))
CANCELS = 3


def few(contest):
    """Two workers: the machine has a CPU for each. All that is no processor is the agents' part."""
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", 2) as manager:
        cluster.journal.await_workers(2)
        processors = client.ask("processors", 2)
        family = manager.family()
        others = [pid for pid in family if pid not in processors]
        before, agents_before = processes.used(family), processes.used(others)
        rate = client.ask("throughput", TINY)
        cost, agents = processes.used(family) - before, processes.used(others) - agents_before
        median, slow = client.ask("latency", 300)
        return {RATE[2]: rate, COST: cost / TINY * 1e3, AGENT: agents / TINY * 1e3, MEDIAN: median * 1e3, SLOW: slow * 1e3}


def many(contest):
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", 16):
        cluster.journal.await_workers(16)
        client.ask("processors", 16)
        return {RATE[16]: client.ask("throughput", TINY)}


def cancel(contest):
    """Scaler's agent waits for 3 s that a processor ends by itself, which it cannot in a task (1.26.0 to 2.9.0)."""
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", 1):
        cluster.journal.await_workers(1)
        took = [client.ask("cancel", cluster.logs / ("started-%d" % turn), limit=60) for turn in range(CANCELS)]
        return {CANCELLED: statistics.median(took) * 1e3}
