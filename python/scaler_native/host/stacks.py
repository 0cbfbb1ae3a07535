"""The stacks of a processor's threads, for a manager that asks by a signal.

faulthandler must not write them from its own signal handler while a task computes. That handler runs between any two
instructions, and follows frames that the interpreter is about to link: a task that calls functions all the time was
killed by SIGSEGV after 20 to 1000 signals (CPython 3.11 and 3.13). So a handler of Python's own writes them, which the
interpreter calls between two bytecodes with its lock held, when no frame changes.

The main thread runs that handler. A call of the kernel that waits ends with EINTR for it, as it does when Scaler
suspends a processor, and Python repeats it. As long as the thread is in C code that does not return to Python, its
frames stand still, and the manager sends a second signal: faulthandler's handler writes the stack of that thread alone.
See go/internal/stacks.

Both handlers are set once, in the host. A fork has them like everything else, and they cost it nothing. They write to a
file in memory, one of each processor's own, whose name tells the two signals and the descriptor. The manager finds it
by /proc/<pid>/fd, and signals nobody who does not have it there: a task may have closed it, and the number may be
another file's by now. A program that a task starts has neither the handlers nor the file.
"""

import os
import signal

try:
    import faulthandler
    import fcntl
except ImportError:  # an interpreter that was built without
    faulthandler = None

# Real-time signals, which nothing in Python, Scaler, or libc uses. Near the end, as libraries count from both sides.
_SIGNAL = int(getattr(signal, "SIGRTMAX", 0)) - 7
_SIGNAL_IN_C = _SIGNAL - 1

# Number of the descriptor; -1 where nobody can ask.
_descriptor = -1


def prepare():
    """In the host's main thread, before the first fork of a worker."""
    global _descriptor
    if faulthandler is None or not hasattr(os, "memfd_create"):
        return
    try:
        descriptor = os.memfd_create("scaler-stacks")
    except OSError:
        return
    signal.signal(_SIGNAL, _write_stacks)
    # Not chained: its signal is blocked while it runs, by which the manager finds out when it has written all.
    faulthandler.register(_SIGNAL_IN_C, file=descriptor, all_threads=False, chain=False)
    _descriptor = descriptor


def give_own():
    """In a processor: give it a file of its own."""
    if _descriptor < 0:
        return
    os.close(_descriptor)
    try:
        own = os.memfd_create("scaler-stacks-%d-%d-%d" % (_SIGNAL, _SIGNAL_IN_C, _descriptor))
        if own != _descriptor:
            os.dup2(own, _descriptor, inheritable=False)
            os.close(own)
        # The manager empties it, and what comes then is to begin at its start.
        fcntl.fcntl(_descriptor, fcntl.F_SETFL, os.O_APPEND)
    except OSError:  # no descriptors left: nobody asks it
        pass


def _write_stacks(_signal, _frame):
    """The manager drops this frame from the text, by the name of this function. The zero says that all is written."""
    try:
        faulthandler.dump_traceback(_descriptor, all_threads=True)
        os.write(_descriptor, b"\0")
    except (OSError, ValueError):  # the task has closed it just now
        pass
