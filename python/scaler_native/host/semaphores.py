"""The named semaphores that a worker shares with its processors.

With a spawn context, multiprocessing keeps a name in /dev/shm for each. The worker removes the name with the semaphore,
the resource tracker does if the worker was killed, and nobody does if the tracker was killed first. The name serves
only to pass the semaphore on, so here a processor removes it as soon as it has the semaphore. If a worker is killed
before that, the manager finds its semaphores by the prefix of their names.
"""

import os
import pickle
from multiprocessing import process, resource_tracker, synchronize

_FOLDER = "/dev/shm"


def mark():
    """Give the names of this process and its descendants a prefix of their own.

    Returns the prefix of their paths; "" if semaphores are not files.
    """
    # Random, because containers may share the folder without sharing pids. macOS allows 31 bytes for a name.
    begin = "mp-" + os.urandom(4).hex()
    # A Process inherits it from the process that creates it.
    process.current_process()._config["semprefix"] = "/" + begin
    return path("/%s-" % begin) if os.path.isdir(_FOLDER) else ""


def path(name):
    """The file of the semaphore with a name. glibc puts "sem." before the name, musl does not."""
    try:
        glibc = os.confstr("CS_GNU_LIBC_VERSION")
    except (OSError, ValueError):
        glibc = None
    return os.path.join(_FOLDER, ("sem." if glibc else "") + name.lstrip("/"))


class Pickler(pickle.Pickler):
    """Pickles semaphores in such a way that unpickling removes their names."""

    def reducer_override(self, thing):
        if isinstance(thing, synchronize.SemLock):
            return _take, (type(thing), thing.__getstate__())
        return NotImplemented


def _take(kind, state):
    semaphore = kind.__new__(kind)
    semaphore.__setstate__(state)
    try:
        synchronize.sem_unlink(state[-1])
    except FileNotFoundError:  # the worker has removed it
        pass
    return semaphore


def expect_removal():
    """Make this process ignore that the names of its semaphores have been removed."""
    cleanup = synchronize.SemLock._cleanup

    def tolerant(name):
        try:
            cleanup(name)
        except FileNotFoundError:
            resource_tracker.unregister(name, "semaphore")

    synchronize.SemLock._cleanup = staticmethod(tolerant)
