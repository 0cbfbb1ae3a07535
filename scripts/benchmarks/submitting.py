"""Dynamic mode: the time until there are workers while a client is still submitting, which keeps the scheduler busy."""

import threading

from . import dynamic
from .figures import Figure, at_most

WORKERS = 16
TASKS = 400  # of one second each
GROWN = Figure("16 workers while a client submits 400 tasks of 1 s", "s", at_most(1, "s"))


def submitting(contest):
    with contest.cluster() as (cluster, client), contest.manager(cluster, "dynamic", WORKERS):
        dynamic.idle(cluster)
        asked = []
        # In a thread, because the journal takes the time when it reads the log.
        submission = threading.Thread(target=lambda: asked.append(client.ask("submit", TASKS, 1)))
        submission.start()
        grown = cluster.journal.await_workers(WORKERS)[-1]
        submission.join()
        return {GROWN: grown - asked[0]}
