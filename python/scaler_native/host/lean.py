"""A fork that copies a fifth of the memory that os.fork does, for a process that does little but fork others.

After os.fork, Python and its modules reinitialize themselves, which writes to some 700 KB: those pages are then copied.
A child without threads, which takes no lock that another thread may have held, can do without, as long as it leaves
everything else to children of its own that it forks by `fork_whole`.
"""

import os
import signal
import sys
import traceback

from . import fork

try:
    import ctypes

    _c = ctypes.PyDLL(None, use_errno=True)  # PyDLL keeps the GIL during a call, so that the child has it
    _fork, _signalfd, _sigprocmask = _c.fork, _c.signalfd, _c.sigprocmask
    _before_fork, _after_fork_in_child = _c.PyOS_BeforeFork, _c.PyOS_AfterFork_Child
    _before_fork.restype = _after_fork_in_child.restype = None
except (ImportError, AttributeError):  # built without libffi, or not Linux
    ctypes = None

_SIG_SETMASK = int(signal.SIG_SETMASK)
_FLAGS = os.O_CLOEXEC | os.O_NONBLOCK  # SFD_CLOEXEC and SFD_NONBLOCK have the same values
# The signals that `signals` receives. The host ignores the last two; a blocked signal is kept all the same (signal(7)).
_TAKEN = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
_set = None  # sigset_t of _TAKEN
# The signal mask of the host, which processors get back.
mask = frozenset()


def prepare():
    """In the host, before the first fork. Returns why such forks are not possible, or ""."""
    global _set
    if ctypes is None:
        return "it needs Linux, and Python's module ctypes"
    _set = ctypes.create_string_buffer(1024 // 8)  # sigset_t of glibc and musl
    _c.sigemptyset(_set)
    for number in _TAKEN:
        _c.sigaddset(_set, int(number))
    return ""


def fork_some(jobs, descriptors):
    """Like fork.fork, for jobs that lead their own process group. They have to receive their signals by `signals`."""
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
    """Like fork.fork for one job, called in a child of fork_some. Returns the pid; OSError if the fork fails.

    The child alone does what os.fork does before and after a fork: no other thread can hold a lock here.
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
    """Empty the type attribute cache.

    Otherwise each new entry in a child would replace one of the host's. That writes the reference count of a name that
    the child does not use, and so copies its page. Up to Python 3.10 this would write to all types, to number them
    again.
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
    """Block SIGCHLD, SIGTERM and SIGINT, and unblock all others. Returns a descriptor that is readable if one comes."""
    _sigprocmask(_SIG_SETMASK, _set, None)
    return _signalfd(-1, _set, _FLAGS)


def take(descriptor):
    """The number of the next signal from that descriptor; 0 if there is none."""
    try:
        # struct signalfd_siginfo has 128 bytes and begins with the number.
        return int.from_bytes(os.read(descriptor, 128)[:4], sys.byteorder)
    except BlockingIOError:
        return 0
