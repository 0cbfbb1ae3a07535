"""Forks of the worker host that are like fresh processes, apart from the memory that they share."""

import collections
import os
import resource
import sys
import traceback

try:
    # The module signal converts each number that it returns to an enum member, in Python: 64 for a mask.
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


# The limit of descriptors before raise_descriptor_limit.
_descriptor_limit = None

# Loaded before the first fork, so that a child need not.
_prctl = ctypes and ctypes.CDLL(None, use_errno=True).prctl
_syscall = ctypes and ctypes.CDLL(None, use_errno=True).syscall

# What a child does: it calls `run`, and exits with the exit code that it returns. It joins the process group `group`,
# or leads its own if that is 0. It does not close the descriptors in `keep`.
Job = collections.namedtuple("Job", "run group keep")


def fork(jobs, descriptors):
    """Fork a child for each job. Returns for each its pid, or the OSError that prevented it.

    On Linux a child dies with its parent. It closes `descriptors`, which only the parent may have, and has the parent's
    signal mask. The forks follow one right after the other: the kernel copies each page that this process writes to
    between two forks.
    """
    flush()
    # A signal that reaches a child before its handlers are set must wait, and not be lost. A blocked signal is kept
    # even if it is ignored (signal(7), Linux), and the host ignores SIGINT and SIGTERM.
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
    """Block all signals. Returns the former mask, for `unblock`."""
    return signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def unblock(mask):
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def results(jobs, pids, failure):
    """For each job the pid, or `failure`. Puts the children into their process groups."""
    for job, pid in zip(jobs, pids):
        try:
            # The child does the same, as neither can know who comes first.
            os.setpgid(pid, job.group or pid)
        except OSError:
            pass
    return pids + [failure] * (len(jobs) - len(pids))


def run_child(job, parent, mask, descriptors):
    """In the child: run the job and exit."""
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
        finally:  # whatever a task has replaced sys.stdout by: the child must never go on as a copy of the parent
            os._exit(code)


def close(descriptors):
    """Close descriptors by their numbers. The objects that own them are not touched, which would copy their pages."""
    for first, end in ranges(descriptors):
        os.closerange(first, end)


def ranges(descriptors):
    """The numbers as ranges for os.closerange."""
    ranges = []
    for number in sorted(descriptors):
        if ranges and ranges[-1][1] == number:
            ranges[-1][1] += 1
        else:
            ranges.append([number, number + 1])
    return ranges


def raise_descriptor_limit():
    """Raise the host's soft limit to the hard one: it has a descriptor for each worker. Children get the former one."""
    global _descriptor_limit
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
        _descriptor_limit = limit
    except (OSError, ValueError):  # macOS has a lower limit than getrlimit returns
        pass


def descriptor_limit():
    """The limit of descriptors that the host was started with, soft and hard."""
    return list(_descriptor_limit or resource.getrlimit(resource.RLIMIT_NOFILE))


def die_with(parent):
    """On Linux, have the kernel kill this process when `parent` ends. Elsewhere the manager kills what is left."""
    if _prctl is None:
        return
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it has ended before the call
        os._exit(1)


def open_pidfd(pid):
    """A descriptor that becomes readable when the process ends; -1 if there is none (Linux before 5.3, macOS)."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1
    except AttributeError:  # Python 3.8
        return _syscall(_PIDFD_OPEN, pid, 0) if _syscall is not None else -1


def become_subreaper():
    """On Linux, become the parent of descendants whose own parent ends, so that they stay in this process's tree."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def name_thread(name):
    """Set the name, of at most 15 bytes, that `ps` and `top` show for the process. Call it in the main thread."""
    if _prctl is not None:
        _prctl(_PR_SET_NAME, name, 0, 0, 0)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
