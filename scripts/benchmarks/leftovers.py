"""Removes shared memory that a measurement leaves: Scaler's manager leaves two semaphores per worker, Ray its store."""

import contextlib
import os

FOLDER = "/dev/shm"


@contextlib.contextmanager
def cleared(folder=FOLDER):
    """At the end, remove files that have appeared meanwhile, unless a process has one mapped or open."""
    before = set(os.listdir(folder))
    try:
        yield
    finally:
        remove(folder, set(os.listdir(folder)) - before)


def remove(folder, names):
    paths = {os.path.join(folder, name) for name in names}
    for path in paths - _used(paths) if paths else ():
        # It may be another user's, or have been removed.
        with contextlib.suppress(OSError):
            if os.stat(path).st_uid == os.getuid():
                os.unlink(path)


def _used(paths):
    used = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):  # ended meanwhile
            with open("/proc/%s/maps" % pid) as maps:
                used.update(line.split(None, 5)[-1].rstrip("\n") for line in maps if "/" in line)
            for descriptor in os.listdir("/proc/%s/fd" % pid):
                with contextlib.suppress(OSError):
                    used.add(os.readlink("/proc/%s/fd/%s" % (pid, descriptor)))
    return used & paths
