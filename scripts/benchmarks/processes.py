"""What the kernel tells about processes: their trees, memory and CPU time."""

import ctypes
import os
import signal
import time


def _stat(pid):
    """Parent, session and start time of a process, or None if it has ended."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else (int(fields[1]), int(fields[3]), int(fields[19]))


def tree(*roots):
    """Processes and their descendants: the start times by pid. A pid with another start time is another process.

    A process in a session that a root has created belongs to its tree, even if its parent has ended.
    """
    stats = {int(name): _stat(int(name)) for name in os.listdir("/proc") if name.isdigit()}
    stats = {pid: stat for pid, stat in stats.items() if stat}
    offspring = {}
    for pid, (parent, _, _) in stats.items():
        offspring.setdefault(parent, []).append(pid)
    found = [pid for pid, (_, session, _) in stats.items() if pid in roots or session in roots]
    for pid in found:
        found += [child for child in offspring.get(pid, ()) if child not in found]
    return {pid: stats[pid][2] for pid in found}


def children(pid):
    """The children of a process, the oldest first."""
    found = tree(pid)
    return sorted((child for child in found if child != pid and _stat(child)[0] == pid), key=found.get)


def _command(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return file.read()
    except OSError:
        return b""


def kill(root, family=(), spared=(), limit=10):
    """Kill a tree, what it starts meanwhile, and what is left of `family`, a former state of the tree.

    Python's resource trackers are not killed: they end by themselves, and first remove what others have left.
    """
    family, over = dict(family), time.time() + limit
    while True:
        family.update(tree(root))
        left = [
            pid for pid, started in family.items() if pid not in spared and (_stat(pid) or (0, 0, None))[2] == started
        ]
        if not left:
            return
        if time.time() > over:
            raise RuntimeError(
                "processes that do not end: " + ", ".join("%d %s" % (pid, _command(pid)) for pid in left)
            )
        for pid in sorted(left, key=family.get):  # parents first, or they start others for those that ended
            if b"resource_tracker" not in _command(pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        time.sleep(0.02)


def _number(path, name):
    """The number in a line that starts with `name`. If it has a unit, that is kB. 0 if the process has ended."""
    try:
        with open(path) as file:
            return next((int(line.split()[1]) for line in file if line.startswith(name)), 0)
    except OSError:
        return 0


def pss(family):
    """The memory of processes in MB. Memory that they share counts once."""
    return sum(_number("/proc/%d/smaps_rollup" % pid, "Pss:") for pid in family) * 1024 / 1e6


def rss(pid):
    return _number("/proc/%d/status" % pid, "VmRSS:") * 1024 / 1e6


def page_tables(family):
    """The memory that the kernel needs to map theirs, in MB."""
    return sum(_number("/proc/%d/status" % pid, "VmPTE:") for pid in family) * 1024 / 1e6


def threads(family):
    return sum(_number("/proc/%d/status" % pid, "Threads:") for pid in family)


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def used(family):
    """CPU seconds."""
    return _used(family)[0]


def _used(family):
    """CPU seconds and context switches, summed over threads: /proc/PID/stat has coarse ticks only."""
    seconds = switches = 0
    for pid in family:
        try:
            for thread in os.listdir("/proc/%d/task" % pid):
                folder = "/proc/%d/task/%s/" % (pid, thread)
                with open(folder + "schedstat") as file:
                    seconds += int(file.read().split()[0]) / 1e9
                switches += _number(folder + "status", "voluntary_ctxt_switches:")
        except OSError:
            continue  # ended meanwhile
    return seconds, switches


def activity(family, seconds):
    """CPU time in ms per second, and wake-ups (voluntary context switches) per second."""
    cpu, switches = _used(family)
    begun = time.time()
    time.sleep(seconds)
    took = time.time() - begun
    later, more = _used(family)
    return (later - cpu) * 1e3 / took, (more - switches) / took


def adopt():
    """Become the parent of orphaned descendants, so that sweep finds them."""
    PR_SET_CHILD_SUBREAPER = 36
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot become a subreaper")


def sweep():
    """Kill and reap all descendants of this process."""
    kill(os.getpid(), spared=[os.getpid()])
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
