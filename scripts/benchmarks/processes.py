"""What the kernel knows of processes: families, memory, CPU time."""

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
    """Processes and all of their descendants: start times, which tell one from a later one of its pid, by pid.

    What is in a session that a root has begun belongs to it too, wherever its parent has gone.
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
    """Oldest first."""
    found = tree(pid)
    return sorted((child for child in found if child != pid and _stat(child)[0] == pid), key=found.get)


def _command(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return file.read()
    except OSError:
        return b""


def kill(root, family=(), spared=(), limit=10):
    """Kill what is left of a tree, what it starts meanwhile, and of a family that was its once.

    Python's resource trackers end by themselves then, and take away what others left.
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
            raise RuntimeError("do not end: " + ", ".join("%d %s" % (pid, _command(pid)) for pid in left))
        for pid in sorted(left, key=family.get):  # parents first, or they start others for those that ended
            if b"resource_tracker" not in _command(pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        time.sleep(0.02)


def _number(path, name):
    """The number of a line, which is in kB if it has a unit."""
    try:
        with open(path) as file:
            return next((int(line.split()[1]) for line in file if line.startswith(name)), 0)
    except OSError:
        return 0  # ended meanwhile


def pss(family):
    """Memory of processes in MB; what several of them share counts once."""
    return sum(_number("/proc/%d/smaps_rollup" % pid, "Pss:") for pid in family) * 1024 / 1e6


def rss(pid):
    return _number("/proc/%d/status" % pid, "VmRSS:") * 1024 / 1e6


def page_tables(family):
    """What the kernel itself needs to map their memory, in MB."""
    return sum(_number("/proc/%d/status" % pid, "VmPTE:") for pid in family) * 1024 / 1e6


def threads(family):
    return sum(_number("/proc/%d/status" % pid, "Threads:") for pid in family)


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def used(family):
    """CPU seconds."""
    return _used(family)[0]


def _used(family):
    """CPU seconds and context switches, thread by thread: what /proc/PID/stat has for all is in coarse ticks."""
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
    """CPU in ms per second, and wake-ups per second: how often a thread had waited for something that then came."""
    cpu, switches = _used(family)
    begun = time.time()
    time.sleep(seconds)
    took = time.time() - begun
    later, more = _used(family)
    return (later - cpu) * 1e3 / took, (more - switches) / took


def adopt():
    """Become the parent of what orphans itself below this process, so that sweep finds it."""
    PR_SET_CHILD_SUBREAPER = 36
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot become a subreaper")


def sweep():
    """End all that this process has started, directly or not."""
    kill(os.getpid(), spared=[os.getpid()])
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
