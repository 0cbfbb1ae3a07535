"""Spare workers: processes that are forked before the manager asks for workers, each with a spare processor.

A spare has the settings that the next worker will probably have. What it lacks is a number.
"""

from . import held
from .children import Child


class SpareWorkers:
    """The waiting spares. `workers` is the host's native.Workers, which a spare joins when it gets its number."""

    def __init__(self, children, workers, launcher):
        self._children = children
        self._workers = workers
        self._launcher = launcher
        self._waiting = {}  # PendingWorker by Child

    def make(self, settings, descriptors):
        """Fork a spare. Returns the message for the manager. `descriptors` are as for Launcher.launch."""
        if self._launcher.mode is None:
            return _gone()
        try:
            new = self._launcher.pending(0, settings)
            (pid,) = self._launcher.launch([new], descriptors)
        except Exception:  # no descriptors are left, or no worker can be made of this configuration
            return _gone()
        new.theirs.close()
        if isinstance(pid, OSError):
            new.close()
            return _gone()
        child = Child(pid, 0, self._launcher.channel(new), native=True)
        self._children.add(child)
        self._waiting[child] = new
        self._workers.add(child)
        self._workers.spare(child)
        return {"type": "spare", "worker": 0, "parent": pid, "state": "made"}

    def take(self, number, settings):
        """Give a spare that has these settings a number. Returns its Child and PendingWorker; None if there is none."""
        for child, pending in list(self._waiting.items()):
            if pending.settings != settings:
                continue
            del self._waiting[child]
            if child.channel.closed or held.is_stopped(child.pid):
                child.kill()  # the manager does not know it yet
                continue
            self._workers.name(child, number)
            return child, pending
        return None

    def drop(self):
        for child in self._waiting:
            child.kill()
        self._waiting.clear()

    def ended(self, child):
        """Reap a spare that has ended. Returns the message for the manager."""
        self._waiting.pop(child, None)
        self._children.reap(child.pid)
        return _gone(parent=child.pid)


def _gone(**which):
    return dict({"type": "spare", "worker": 0, "state": "gone"}, **which)
