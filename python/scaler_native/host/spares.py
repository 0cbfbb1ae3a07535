"""Spare workers: a worker's process that is forked before the worker is asked for, with a spare processor of its own.

It has the settings that the next worker is expected to have, for both of them begin with those. What it lacks is the number.
"""

from . import held, launch, lean, line
from .children import Child


class SpareWorkers:
    """Those that wait. `children` are all of the host's, `workers` those that have a number: see native.Workers."""

    def __init__(self, children, workers):
        self._children = children
        self._workers = workers
        self._waiting = {}  # what is pending of them, by Child

    def make(self, settings, make_worker, mode, prepare, descriptors):
        """Fork one. Returns what to tell of it."""
        try:
            new = launch.PendingWorker(0, settings, make_worker)
            (pid,) = lean.fork_some([mode.job(new, prepare)], descriptors + new.descriptors())
        except Exception:  # no descriptor is left, or there are to be no native agents
            return _gone()
        new.theirs.close()
        if isinstance(pid, OSError):
            new.close()
            return _gone()
        child = Child(pid, 0, line.Buffered(new.ours))
        child.native = True
        self._children.add(child)
        self._waiting[child] = new
        self._workers.add(child)
        self._workers.spare(child)
        return {"type": "spare", "worker": 0, "parent": pid, "state": "made"}

    def take(self, number, settings):
        """Make one that has these settings the worker of a number. Returns it and what was pending of it; None if there is none."""
        for child, pending in list(self._waiting.items()):
            if pending.settings != settings:
                continue
            del self._waiting[child]
            if child.channel.closed or held.is_stopped(child.pid):
                child.kill()  # it is no worker yet: nobody misses it
                continue
            self._workers.name(child, number)
            return child, pending
        return None

    def drop(self):
        for child in self._waiting:
            child.kill()
        self._waiting.clear()

    def ended(self, child):
        """One has ended, and nobody else asks for its status. Returns what to tell of it."""
        self._waiting.pop(child, None)
        self._children.reap(child.pid)
        return _gone(parent=child.pid)


def _gone(**which):
    return dict({"type": "spare", "worker": 0, "state": "gone"}, **which)
