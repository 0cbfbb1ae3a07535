"""Making a child of the worker host that is as a fresh process would be, apart from what it shares."""

import collections
import os
import resource
import sys
import threading
import traceback

try:
    # The module signal makes a member of an enumeration of each number that it returns, by Python code: 64 for a mask.
    import _signal as signal
except ImportError:  # another implementation than CPython
    import signal

_SIGKILL = int(signal.SIGKILL)
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_PIDFD_OPEN = 434  # the number of the system call on every architecture but Alpha

try:
    import ctypes
except ImportError:  # an interpreter that was built without libffi
    ctypes = None
if not sys.platform.startswith("linux"):
    ctypes = None


# The limits of descriptors before raise_descriptor_limit.
_descriptor_limit = None

# Loaded before the first fork, so that a child need not.
_prctl = ctypes and ctypes.CDLL(None, use_errno=True).prctl
_syscall = ctypes and ctypes.CDLL(None, use_errno=True).syscall

# What a child is to do: call `run` and leave with the exit code that it returns, in the process group `group`, or as the
# leader of its own where that is 0. Of the descriptors that are closed it keeps those in `keep`.
Job = collections.namedtuple("Job", "run group keep")


def fork(jobs, descriptors):
    """Fork a child for each job. Returns for each its pid, or the OSError that kept it from being.

    A child dies with its parent where the kernel offers that (Linux), and closes `descriptors`, which are the
    parent's alone. They are forked one right after the other, because of all that this process writes to between two
    forks the kernel has to make copies. A child blocks the same signals as we.
    """
    flush()
    # A signal for the child that comes before its handlers are in place must wait, not be lost: a blocked
    # signal is kept even where it is ignored (signal(7), Linux), and the host ignores SIGINT and SIGTERM.
    former = block()
    parent, pids, failure = os.getpid(), [], None
    try:
        for job in jobs:
            pid = os.fork()
            if not pid:
                run_child(job, parent, former, descriptors)
            pids.append(pid)
    except OSError as error:  # no process or memory left
        failure = error
    finally:
        unblock(former)
    return results(jobs, pids, failure)


def block():
    """Let no signal come. Returns what `unblock` takes."""
    return signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def unblock(mask):
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def results(jobs, pids, failure):
    for job, pid in zip(jobs, pids):
        try:
            # Also done by the child; whoever comes second finds it done.
            os.setpgid(pid, job.group or pid)
        except OSError:
            pass
    return pids + [failure] * (len(jobs) - len(pids))


def run_child(job, parent, mask, descriptors):
    """In the child: run the job and leave."""
    code = 1
    try:
        os.setpgid(0, job.group)
        die_with(parent)
        resource.setrlimit(resource.RLIMIT_NOFILE, descriptor_limit())
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        unblock(mask)
        close(set(descriptors).difference(job.keep))
        code = job.run()
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            flush()
        finally:  # whatever a task has put in the place of a stream: nobody may go on as a copy of the parent
            os._exit(code)


def close(descriptors):
    """Close descriptors by their numbers. The objects that they belong to are not touched, which would be to copy them:
    in a child they live until it ends."""
    for first, end in ranges(descriptors):
        os.closerange(first, end)


def ranges(descriptors):
    """The numbers as pairs for os.closerange."""
    ranges = []
    for number in sorted(descriptors):
        if ranges and ranges[-1][1] == number:
            ranges[-1][1] += 1
        else:
            ranges.append([number, number + 1])
    return ranges


def raise_descriptor_limit():
    """Let the host have as many descriptors as it may: it has one a worker. Children get the user's own limit back."""
    global _descriptor_limit
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
        _descriptor_limit = limit
    except (OSError, ValueError):  # macOS has a lower one that is not told
        pass


def descriptor_limit():
    """The user's own limit of descriptors, soft and hard."""
    return list(_descriptor_limit or resource.getrlimit(resource.RLIMIT_NOFILE))


def die_with(parent):
    """Have the kernel kill this process when `parent` ends (Linux); elsewhere the manager's sweep has to do."""
    if _prctl is None:
        return
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we could ask
        os._exit(1)


def open_pidfd(pid):
    """A descriptor that becomes readable when the process ends; -1 if the kernel has none to give (Linux before 5.3)."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1
    except AttributeError:  # Python 3.8
        return _syscall(_PIDFD_OPEN, pid, 0) if _syscall is not None else -1


def become_subreaper():
    """Have the kernel make us the parent of descendants whose own parent ends (Linux), so that they stay in our tree."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def name_thread(name):
    """The name of at most 15 bytes that `ps` and `top` show of this process, where it has one thread."""
    if _prctl is not None:
        _prctl(_PR_SET_NAME, name, 0, 0, 0)


def has_threads():
    """Whether this process has threads that a fork would lose. Says so by a sentence, or by ""."""
    names = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if names:
        return "the worker host has threads of its own (%s)" % ", ".join(names)
    if _native_threads() > 1:
        # OpenBLAS and its like end their threads in a handler that runs before a fork, and start them anew on
        # use: let one fork show whether these are of that kind.
        pid = os.fork()
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)
        if _native_threads() > 1:
            return "the worker host has %d threads that are not Python's" % (_native_threads() - 1)
    return ""


def _native_threads():
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
