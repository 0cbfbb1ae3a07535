"""The resource tracker of Python's multiprocessing, which removes the semaphores of processors that were killed."""

import os
import sys
import time
import warnings
from multiprocessing import resource_tracker

from . import fork, title

# One that ends sooner than this would be replaced in vain.
_YOUNG_SECONDS = 1.0


class Tracker:
    """One for all, or every worker grows its own. It ends when the last process that holds its pipe has ended."""

    def __init__(self):
        self._pid = None
        self._begun = 0.0
        # Kept open so that nobody notices the end of a tracker (EPIPE), and its successor reads what was written
        # meanwhile.
        self._read = None

    def start(self, forking):
        """If it may be, it is a fork of this process: an interpreter of its own takes longer than a worker, and 6 MB.
        Where there is no process left for it, workers grow their own after all."""
        if not forking:
            resource_tracker.ensure_running()
            return
        self._read, write = os.pipe()
        if self._fork(write):
            resource_tracker._resource_tracker._fd = write
        else:
            os.close(write)

    def descriptors(self):
        """Those that are this process's alone."""
        return [] if self._read is None else [self._read]

    def replace(self):
        """Start another one if it has ended. What only the former one knew is lost, as with any Python program, but for
        semaphores: the manager removes those when this host has ended."""
        if self._read is None or not self._has_ended():
            return
        if time.monotonic() - self._begun < _YOUNG_SECONDS:
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
        """Fork a tracker. Returns whether there is one. `write` is the pipe's other end for the first one."""
        try:
            pid = os.fork()
        except OSError:
            self._give_up()
            return False
        if not pid:
            self._run(first=write is not None)
        self._pid, self._begun = pid, time.monotonic()
        resource_tracker._resource_tracker._pid = pid
        return True

    def _run(self, first):
        code = 1
        try:
            # The manager learns from the end of this process's channel that this process has ended.
            _close_all_but(0, 1, 2, self._read)
            title.tracker()
            # It would tell of each semaphore that it removes, which is its job.
            warnings.filterwarnings("ignore", category=UserWarning, module=resource_tracker.__name__)
            if not first:
                sys.excepthook = _say_nothing  # names that its predecessor knew are taken back
            resource_tracker.main(self._read)
            code = 0
        finally:
            os._exit(code)


def _say_nothing(*_):
    pass


def _close_all_but(*kept):
    """Close all other descriptors that are open. The limit, which may be a billion, does not say how many those are."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            numbers = [int(name) for name in os.listdir(folder)]  # and that of the folder, which is closed again
            break
        except OSError:
            continue
    else:
        numbers = range(min(os.sysconf("SC_OPEN_MAX"), 1 << 16))
    fork.close(set(numbers).difference(kept))
