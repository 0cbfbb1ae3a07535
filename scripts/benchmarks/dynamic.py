"""Dynamic mode: the time until a first task has run, and until a burst of work has its workers."""

import random
import statistics
import time

from .figures import Figure, at_most, times

FIRST = Figure("first task on an idle dynamic cluster", "s", at_most(0.15, "s"))
BURST = {
    16: Figure("burst of work to 16 workers", "s", times(20)),
    64: Figure("burst of work to 64 workers", "s", at_most(1.2, "s")),
    1000: Figure("burst of work to 1000 workers", "s"),
}
FIRSTS = 3  # the time until the next heartbeat is random


def first(contest):
    """The median over several clusters that have had no worker before."""
    took = []
    for _ in range(FIRSTS):
        with contest.cluster() as (cluster, client), contest.manager(cluster, "dynamic", 4):
            idle(cluster)
            took.append(client.ask("first"))
    return {FIRST: statistics.median(took)}


def burst(contest, count):
    with contest.cluster() as (cluster, client), contest.manager(cluster, "dynamic", count):
        idle(cluster)
        asked = client.ask("burst", count)
        return {BURST[count]: cluster.journal.await_workers(count)[-1] - asked}


def idle(cluster):
    """Wait until the manager is registered and idle, and for a random part of the 2 s between Python's heartbeats."""
    cluster.journal.await_managers(1, 30)
    time.sleep(random.uniform(2, 4))
