"""Tasks: how many tiny ones there are in a second, and how soon a cancelled one's worker can be used again."""

import statistics

from .figures import NOT_BELOW, Figure, at_most

TINY = 10000
THROUGHPUT = Figure("10000 tiny tasks over 2 workers", "1/s", NOT_BELOW, more=True)

# A processor cannot be interrupted in a task, so that Scaler's worker waits in vain, then kills it and starts another
# (DEFAULT_PROCESSOR_KILL_DELAY_SECONDS, 1.26.0 to 2.9.0). The worker is Scaler's own here and there; the rest is not.
KILL_DELAY = 3
CANCELLED = Figure("cancelled task's worker ready again, beyond Scaler's 3 s", "ms", at_most(30, "ms"))
CANCELS = 3


def throughput(contest):
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", 2):
        cluster.journal.await_workers(2)
        return {THROUGHPUT: client.ask("throughput", TINY)}


def cancel(contest):
    with contest.cluster() as (cluster, client), contest.manager(cluster, "fixed", 1):
        cluster.journal.await_workers(1)
        took = [client.ask("cancel", cluster.logs / ("started-%d" % turn), limit=60) for turn in range(CANCELS)]
        if min(took) < KILL_DELAY:
            raise RuntimeError("a cancelled task's worker was ready after %.2f s: no kill was needed" % min(took))
        return {CANCELLED: (statistics.median(took) - KILL_DELAY) * 1e3}
