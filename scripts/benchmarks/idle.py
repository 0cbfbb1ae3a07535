"""The cost of idle managers: on their own host, and in a scheduler that has many of them."""

import contextlib
import time

from . import processes
from .figures import Figure, share

CPU = Figure("idle manager without workers, all its processes: CPU", "ms/s")
WAKEUPS = Figure("idle manager without workers, all its processes: wake-ups", "1/s")
MEMORY = Figure("idle manager without workers, all its processes: PSS", "MB")

# Python's thousand managers would need more memory than a machine of 24 GB has.
MANAGERS = 100
FLEET_EMPTY = Figure("100 managers without workers: CPU of the scheduler", "ms/s", share("twice", 2))
FLEET_FULL = Figure("100 managers with a worker each: CPU of the scheduler", "ms/s", share("twice", 2))


def idle(contest):
    with contest.cluster() as (cluster, _), contest.manager(cluster, "dynamic", 4) as manager:
        cluster.journal.await_managers(1, 30)
        time.sleep(3)
        family = manager.family()
        cpu, wakeups = processes.activity(family, 5)
        return {CPU: cpu, WAKEUPS: wakeups, MEMORY: processes.pss(family)}


def fleet(contest):
    with contest.cluster() as (cluster, client), contextlib.ExitStack() as stack:
        managers = []
        for number in range(MANAGERS):
            manager = contest.manager(cluster, "dynamic", 1, name="bench-%d" % number)
            managers.append(stack.enter_context(manager))
        cluster.journal.await_managers(MANAGERS)
        empty = _cost(cluster, managers)
        client.ask("burst", MANAGERS)
        cluster.journal.await_workers(MANAGERS)
        return {FLEET_EMPTY: empty, FLEET_FULL: _cost(cluster, managers)}


def _cost(cluster, managers, limit=90):
    """The CPU time of the scheduler, once the managers are idle."""
    over = time.time() + limit
    roots = [manager.process.pid for manager in managers]
    while processes.activity(processes.tree(*roots), 1)[0] > 500:
        if time.time() > over:
            raise TimeoutError("%d managers are still busy after %d s" % (len(managers), limit))
    # Before 2.0 the started process has the scheduler and an idle object storage server as children.
    cost, _ = processes.activity(processes.tree(cluster.scheduler.pid), 10)
    if not cost:
        raise RuntimeError("no CPU time in the scheduler of %d managers: another process was measured" % MANAGERS)
    return cost
