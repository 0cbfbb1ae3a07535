"""Multiprocessing's resource tracker, which removes the semaphores of killed processors: one for all workers."""

import os
import sys
import time
import warnings
from multiprocessing import resource_tracker

from . import fork, title

# A tracker that ends sooner than this is not replaced: the next one would end as well.
_YOUNG_SECONDS = 1.0


class Tracker:
    """Without it every worker starts its own. It ends when the last process that holds its pipe has ended."""

    def __init__(self):
        self._pid = None
        self._started = 0.0
        # Kept open so that writers get no EPIPE when a tracker ends, and the next one reads what they have written.
        self._read = None

    def start(self, forking):
        """Start the tracker, if `forking` as a fork: an interpreter takes 6 MB, and longer to start than a worker.

        If the fork fails, every worker starts its own tracker.
        """
        if not forking:
            resource_tracker.ensure_running()
            return
        self._read, write = os.pipe()
        if self._fork(write):
            resource_tracker._resource_tracker._fd = write
        else:
            os.close(write)

    def descriptors(self):
        """Those that only the host may have."""
        return [] if self._read is None else [self._read]

    def replace(self):
        """Start another tracker if it has ended.

        The new one does not know what the former knew, as in any Python program. The manager removes semaphores that
        are left when the host has ended.
        """
        if self._read is None or not self._has_ended():
            return
        if time.monotonic() - self._started < _YOUNG_SECONDS:
            self._give_up()
        else:
            self._fork()

    def _has_ended(self):
        try:
            return os.waitpid(self._pid, os.WNOHANG)[0] != 0
        except ChildProcessError:
            return True

    def _give_up(self):
        os.close(self._read)
        self._read = None

    def _fork(self, write=None):
        """Fork a tracker. Returns whether that worked. `write` is the other end of the pipe, for the first tracker."""
        try:
            pid = os.fork()
        except OSError:
            self._give_up()
            return False
        if not pid:
            self._run(first=write is not None)
        self._pid, self._started = pid, time.monotonic()
        resource_tracker._resource_tracker._pid = pid
        return True

    def _run(self, first):
        code = 1
        try:
            # The manager notices the host's end by the end of its channel, which must not stay open here.
            _close_all_but(0, 1, 2, self._read)
            title.tracker()
            # It warns of each semaphore that it removes, which is what it is for.
            warnings.filterwarnings("ignore", category=UserWarning, module=resource_tracker.__name__)
            if not first:
                sys.excepthook = _ignore  # it is told to forget names that only its predecessor knew
            resource_tracker.main(self._read)
            code = 0
        finally:
            os._exit(code)


def _ignore(*_):
    pass


def _close_all_but(*kept):
    """Close all other open descriptors. Their limit may be a billion, so they have to be listed."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            numbers = [int(name) for name in os.listdir(folder)]  # among them the folder's own, which is closed already
            break
        except OSError:
            continue
    else:
        numbers = range(min(os.sysconf("SC_OPEN_MAX"), 1 << 16))
    fork.close(set(numbers).difference(kept))
