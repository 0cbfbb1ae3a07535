"""The named semaphores that a worker shares with its processors.

Under a spawn context multiprocessing keeps a name in /dev/shm for each. The worker removes it when it lets go of the
semaphore, or the resource tracker when the worker was killed, and nobody when the tracker was killed before. The name
serves for nothing but to hand the semaphore over: here a processor removes it as soon as it has the semaphore. What is
left of a worker that is killed before that can be told by how its name begins.
"""

import os
import pickle
from multiprocessing import process, resource_tracker, synchronize

_FOLDER = "/dev/shm"


def mark():
    """Have the names that this process and its descendants make begin like no others. Returns how their paths begin; ""
    where they are no files."""
    # At random, as containers may share the folder and not the numbers of processes; within the 31 bytes of macOS.
    begin = "mp-" + os.urandom(4).hex()
    # Each Process takes it over from the one that makes it.
    process.current_process()._config["semprefix"] = "/" + begin
    return os.path.join(_FOLDER, "sem.%s-" % begin) if os.path.isdir(_FOLDER) else ""


class Pickler(pickle.Pickler):
    """Pickles semaphores so that they lose their names when they are unpickled."""

    def reducer_override(self, thing):
        if isinstance(thing, synchronize.SemLock):
            return _take, (type(thing), thing.__getstate__())
        return NotImplemented


def _take(kind, state):
    semaphore = kind.__new__(kind)
    semaphore.__setstate__(state)
    try:
        synchronize.sem_unlink(state[-1])
    except FileNotFoundError:  # the worker has let go of it meanwhile
        pass
    return semaphore


def expect_removal():
    """Have this process take no offence at semaphores that have lost their names."""
    cleanup = synchronize.SemLock._cleanup

    def tolerant(name):
        try:
            cleanup(name)
        except FileNotFoundError:
            resource_tracker.unregister(name, "semaphore")

    synchronize.SemLock._cleanup = staticmethod(tolerant)
