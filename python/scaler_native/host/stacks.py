"""The stacks of a processor's threads, for a manager that asks: faulthandler writes them when a signal comes.

Its handler is registered once, in the host. That costs a processor nothing: what a signal does, and to which descriptor
the handler writes, a fork has like everything else. The descriptor is a file in memory, one of each processor's own, whose name
tells both numbers. The manager reads it by /proc/<pid>/fd, and signals nobody who does not have it there: a task may have closed it,
and the number may be another file's by now. A program that a task starts has neither the handler nor the file.

The handler is in C. Python's signal.getsignal does not know of it, and no code of Python's runs for it.
"""

import os
import signal

try:
    import faulthandler
    import fcntl
except ImportError:  # an interpreter that was built without
    faulthandler = None

# Of the real-time signals, which nothing in Python, Scaler, or libc uses, near the end: libraries count from either side.
_SIGNAL = int(getattr(signal, "SIGRTMAX", 0)) - 7

# Number of the descriptor; -1 where nobody can ask.
_descriptor = -1


def prepare():
    """In the host, before the first fork of a worker."""
    global _descriptor
    if faulthandler is None or not hasattr(os, "memfd_create"):
        return
    try:
        descriptor = os.memfd_create("scaler-stacks")
    except OSError:
        return
    # Not chained: its signal is blocked while it runs, by which the manager finds out when it has written all.
    faulthandler.register(_SIGNAL, file=descriptor, all_threads=True, chain=False)
    _descriptor = descriptor


def give_own():
    """In a processor: give it a file of its own."""
    if _descriptor < 0:
        return
    os.close(_descriptor)
    try:
        own = os.memfd_create("scaler-stacks-%d-%d" % (_SIGNAL, _descriptor))
        if own != _descriptor:
            os.dup2(own, _descriptor, inheritable=False)
            os.close(own)
        # The manager empties it, and what comes then is to begin at its start.
        fcntl.fcntl(_descriptor, fcntl.F_SETFL, os.O_APPEND)
    except OSError:  # no descriptors left: nobody asks it
        pass
