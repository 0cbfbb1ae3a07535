"""A fork that copies a fifth of what os.fork does, for a process that does little beside forking others.

os.fork has Python and the modules put themselves in order, which writes to some seven hundred kilobytes that the child
then has for itself. A child that has no threads and takes no lock that another thread may hold needs none of that as
long as whatever it has to do with Python at large is done in a child of its own, by `fork_whole`.
"""

import os
import signal
import sys
import traceback

from . import fork

try:
    import ctypes

    _c = ctypes.PyDLL(None, use_errno=True)  # PyDLL holds the interpreter's lock over a call: the child has it
    _fork, _signalfd, _sigprocmask = _c.fork, _c.signalfd, _c.sigprocmask
    _before_fork, _after_fork_in_child = _c.PyOS_BeforeFork, _c.PyOS_AfterFork_Child
    _before_fork.restype = _after_fork_in_child.restype = None
except (ImportError, AttributeError):  # no libffi, not Linux
    ctypes = None

_SIG_SETMASK = int(signal.SIG_SETMASK)
_FLAGS = os.O_CLOEXEC | os.O_NONBLOCK  # SFD_CLOEXEC and SFD_NONBLOCK are these
# What `signals` takes. The host handles the first and ignores the others (signal(7): one that is blocked is kept).
_TAKEN = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
_set = None
# The signals that a process of the user's blocks: those that the host itself does.
mask = frozenset()


def prepare():
    """In the host, before the first fork. Says why there can be none of this kind, or ""."""
    global _set
    if ctypes is None:
        return "it needs Linux, and Python's module ctypes"
    _set = ctypes.create_string_buffer(1024 // 8)  # sigset_t of glibc and musl
    _c.sigemptyset(_set)
    for number in _TAKEN:
        _c.sigaddset(_set, int(number))
    return ""


def fork_some(jobs, descriptors):
    """As fork.fork, for jobs that lead a group of their own, which we see to, and to their signals by `signals`."""
    global mask
    fork.flush()
    closed = [fork.ranges(set(descriptors).difference(job.keep)) for job in jobs]
    parent, pids, failure = os.getpid(), [], None
    _forget_lookups()
    mask = fork.block()
    try:
        for job, ranges in zip(jobs, closed):
            pid = _fork()
            if not pid:
                _run_child(job, parent, ranges)
            if pid < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            pids.append(pid)
    except OSError as error:
        failure = error
    finally:
        fork.unblock(mask)
    return fork.results(jobs, pids, failure)


def fork_whole(job, descriptors):
    """As fork.fork for one job, in a child of fork_some. Returns the pid; OSError when there is no process left.

    What os.fork has Python do before and after a fork is all done in the child: here nobody else could hold a lock.
    """
    parent, former = os.getpid(), fork.block()
    try:
        pid = _fork()
        if not pid:
            _before_fork()
            _after_fork_in_child()
            fork.run_child(job, parent, mask, descriptors)
        if pid < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        fork.unblock(former)
    fork.results([job], [pid], None)
    return pid


def _forget_lookups():
    """Empty the cache of attributes found in types. In a child each new entry takes the place of one of the host's, and so
    writes the reference count of a name of which the child has no use otherwise, on a page that is copied for that.

    Up to Python 3.10 it would have all types numbered anew, which is to write to them.
    """
    if (3, 11) <= sys.version_info < (3, 14) and hasattr(sys, "_clear_type_cache"):
        sys._clear_type_cache()


def _run_child(job, parent, ranges):
    code = 1
    try:
        fork.die_with(parent)
        for first, end in ranges:
            os.closerange(first, end)
        code = job.run()
    except BaseException:
        traceback.print_exc()
        fork.flush()
    finally:
        os._exit(code)


def signals():
    """A descriptor that becomes readable when SIGCHLD, SIGTERM or SIGINT comes. All others are as for any program."""
    _sigprocmask(_SIG_SETMASK, _set, None)
    return _signalfd(-1, _set, _FLAGS)


def take(descriptor):
    """The number of a signal that has come; 0 when there is none left."""
    try:
        # struct signalfd_siginfo, of 128 bytes; it begins with the number.
        return int.from_bytes(os.read(descriptor, 128)[:4], sys.byteorder)
    except BlockingIOError:
        return 0
