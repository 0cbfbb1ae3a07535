"""Writes the stacks of a processor's threads when the manager asks for them by a signal.

faulthandler's own signal handler is not safe while a task runs Python code. It runs between any two instructions, and
may follow frames that the interpreter is just linking: a task that made many calls was killed by SIGSEGV after 20 to
1000 signals (CPython 3.11 and 3.13). So a Python handler writes the stacks. The interpreter calls it between two
bytecodes with the GIL held, when no frame changes.

The main thread runs that handler. A blocking system call in it ends with EINTR, as when Scaler suspends a processor,
and Python repeats the call. While the thread is in C code that does not return to Python, its frames do not change:
then the manager sends a second signal, for which faulthandler's handler writes the stack of that thread alone. See
go/internal/stacks.

Both handlers are set once, in the host; a fork inherits them at no cost. They write to an in-memory file. Each
processor has its own, whose name contains the two signals and the descriptor. The manager looks for it in
/proc/<pid>/fd, and does not signal a process that does not have it there: a task may have closed it, and reused the
number. A program that a task starts has neither the handlers nor the file.
"""

import os
import signal

try:
    import faulthandler
    import fcntl
except ImportError:  # Python was built without these
    faulthandler = None

# Real-time signals that neither Python nor Scaler nor libc uses. Not the first or last ones, which libraries may use.
_SIGNAL = int(getattr(signal, "SIGRTMAX", 0)) - 7
_SIGNAL_IN_C = _SIGNAL - 1

# The descriptor of the file; -1 if stacks cannot be written.
_descriptor = -1


def prepare():
    """Set the handlers. Call it in the host's main thread before the first fork of a worker."""
    global _descriptor
    if faulthandler is None or not hasattr(os, "memfd_create"):
        return
    try:
        descriptor = os.memfd_create("scaler-stacks")
    except OSError:
        return
    signal.signal(_SIGNAL, _write_stacks)
    # Not chained: then the signal is blocked while the handler runs, from which the manager sees when it has finished.
    faulthandler.register(_SIGNAL_IN_C, file=descriptor, all_threads=False, chain=False)
    _descriptor = descriptor


def open_own():
    """In a processor: replace the host's file by one of its own."""
    if _descriptor < 0:
        return
    os.close(_descriptor)
    try:
        own = os.memfd_create("scaler-stacks-%d-%d-%d" % (_SIGNAL, _SIGNAL_IN_C, _descriptor))
        if own != _descriptor:
            os.dup2(own, _descriptor, inheritable=False)
            os.close(own)
        # The manager truncates the file. With O_APPEND the next write then starts at its beginning.
        fcntl.fcntl(_descriptor, fcntl.F_SETFL, os.O_APPEND)
    except OSError:  # no descriptors are left: the manager will not find the file, and not ask
        pass


def _write_stacks(_signal, _frame):
    """Write the stacks, and a zero byte at the end. The manager removes this frame by the name of this function."""
    try:
        faulthandler.dump_traceback(_descriptor, all_threads=True)
        os.write(_descriptor, b"\0")
    except (OSError, ValueError):  # the task has closed the file
        pass
