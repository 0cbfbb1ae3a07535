"""The resource tracker of Python's multiprocessing, which removes the semaphores of processors that were killed."""

import os
import warnings
from multiprocessing import resource_tracker


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
            os.closerange(3, read)
            os.closerange(read + 1, os.sysconf("SC_OPEN_MAX"))
            # It would tell of each semaphore that it removes, which is its job.
            warnings.filterwarnings("ignore", category=UserWarning, module=resource_tracker.__name__)
            resource_tracker.main(read)
            code = 0
        finally:
            os._exit(code)
    os.close(read)
    tracker._fd, tracker._pid = write, pid
