"""What stands for a processor in its worker, as multiprocessing's Popen does, and the line to the processors' parent."""

import copyreg
import io
import logging
import multiprocessing.context
import os
import pickle
import select
import signal
from multiprocessing import reduction

from . import fork, line, semaphores

# How to pickle types that cannot say it themselves, but for exceptions: tblib knows two hundred of those, of which no
# process object holds any, and multiprocessing's own pickler copies the whole table.
_reducers = {}


class ParentLost(Exception):
    """The parent of the processors is gone, or cannot fork."""


class Parent:
    """The worker's side of the line to the parent of its processors."""

    def __init__(self, pid, endpoint):
        self.pid = pid
        self._endpoint = endpoint
        self._statuses = {}
        self._lost = False

    def fork(self, pickled):
        """Have a processor forked. Returns its pid."""
        if self._lost:
            raise ParentLost("the parent of processors is gone")
        try:
            line.send(self._endpoint, line.FORK, body=pickled)
            while True:
                kind, pid, status, body = line.receive(self._endpoint)
                if kind == line.FORKED:
                    return pid
                if kind == line.REFUSED:
                    raise ParentLost(body.decode())
                self._statuses[pid] = status
        except (OSError, EOFError) as error:
            self._lost = True
            raise ParentLost("the parent of processors is gone: %r" % error)

    def status(self, pid, timeout):
        """The wait status of a processor that has ended; None when it has not within `timeout` seconds."""
        while pid not in self._statuses:
            if not _readable(self._endpoint, timeout):
                return None
            try:
                _, ended, status, _ = line.receive(self._endpoint)
                self._statuses[ended] = status
            except (OSError, EOFError):
                # Nobody tells any more; processors die with their parent (see fork.die_with).
                self._lost = True
                return int(signal.SIGKILL)
        return self._statuses[pid]

    def reap(self, pid):
        self._statuses.pop(pid, None)
        try:
            line.send(self._endpoint, line.REAP, pid)
        except OSError:
            self._lost = True


class ForkedProcessor:
    """Stands in for multiprocessing's Popen: a processor forked by `parent`, with the manners of a spawned one.

    The processor stays a zombie until its status is read here: Scaler finds dead
    processors by that (psutil's status, in all releases from 1.26.0 to 2.9.0).
    """

    method = "fork"

    def __init__(self, parent, process_object):
        self.returncode = None
        self._parent = parent
        self.pid = parent.fork(pickled(process_object, semaphores.Pickler))
        self.sentinel = fork.open_pidfd(self.pid)

    def poll(self, flag=os.WNOHANG):
        return self.wait(0 if flag == os.WNOHANG else None)

    def wait(self, timeout=None):
        if self.returncode is None:
            status = self._parent.status(self.pid, timeout)
            if status is not None:
                self.returncode = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
                self._parent.reap(self.pid)
        return self.returncode

    def terminate(self):
        self._send(signal.SIGTERM)

    def kill(self):
        self._send(signal.SIGKILL)

    def close(self):
        if self.sentinel >= 0:
            os.close(self.sentinel)
            self.sentinel = -1

    def __del__(self):
        if getattr(self, "sentinel", -1) >= 0:
            self.close()

    def _send(self, number):
        if self.returncode is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass


def fork_processors(processor_class, parent):
    """Have the processors of this process forked by `parent`, for as long as it can."""
    spawned = processor_class._Popen

    def start(process_object):
        try:
            return ForkedProcessor(parent, process_object)
        except ParentLost as error:
            logging.getLogger("scaler").warning("processors are spawned from here on: %s", error)
            processor_class._Popen = staticmethod(spawned)
            return spawned(process_object)

    processor_class._Popen = staticmethod(start)
    semaphores.expect_removal()


def prepare():
    """What every worker needs, before there is one."""
    _reducers.update(copyreg.dispatch_table)


def pickled(process_object, make=pickle.Pickler):
    """A process object as it travels to its process. multiprocessing lets it only when one is being spawned."""
    buffer = io.BytesIO()
    pickler = make(buffer)
    pickler.dispatch_table = {**_reducers, **reduction.ForkingPickler._extra_reducers}
    multiprocessing.context.set_spawning_popen(process_object)
    try:
        pickler.dump(process_object)
    finally:
        multiprocessing.context.set_spawning_popen(None)
    return buffer.getvalue()


def _readable(endpoint, timeout):
    # poll and not select.select: the latter cannot take descriptors of 1024 and up.
    poll = select.poll()
    poll.register(endpoint, select.POLLIN)
    return poll.poll(None if timeout is None else timeout * 1000)
