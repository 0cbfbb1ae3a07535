"""The resource tracker of Python's multiprocessing, which removes the semaphores of processors that were killed."""

import os
import warnings
from multiprocessing import resource_tracker

from . import fork, title


def start(forking):
    """Start one for all, or every worker grows its own. It ends when the last process that holds its pipe has ended.

    If it may be, it is a fork of this process: an interpreter of its own takes longer than a worker, and 6 MB. Where
    there is no process left for it, workers grow their own after all.
    """
    if not forking:
        resource_tracker.ensure_running()
        return
    tracker = resource_tracker._resource_tracker
    read, write = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(write)
        os.close(read)
        return
    if not pid:
        code = 1
        try:
            # The manager learns from the end of this process's channel that this process has ended.
            _close_all_but(0, 1, 2, read)
            title.tracker()
            # It would tell of each semaphore that it removes, which is its job.
            warnings.filterwarnings("ignore", category=UserWarning, module=resource_tracker.__name__)
            resource_tracker.main(read)
            code = 0
        finally:
            os._exit(code)
    os.close(read)
    tracker._fd, tracker._pid = write, pid


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
