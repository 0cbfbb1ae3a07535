"""Stands in for multiprocessing's Popen in a worker: its processors are forked by their parent (see parent.py)."""

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

# The reducers of copyreg before tblib added two hundred for exceptions, which no process object holds.
# multiprocessing's own pickler copies the whole table each time.
_reducers = {}


class ParentLost(Exception):
    """The parent of the processors has ended, or cannot fork."""


class Parent:
    """The worker's end of the socket pair to the parent of its processors."""

    def __init__(self, pid, endpoint):
        self.pid = pid
        self._endpoint = endpoint
        self._statuses = {}
        self._lost = False

    def fork(self, pickled):
        """Have a processor forked. Returns its pid. ParentLost if that is not possible."""
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
            raise ParentLost("the parent of processors is gone: %r" % error) from error

    def status(self, pid, timeout):
        """The wait status of a processor that has ended; None if it runs on after `timeout` seconds."""
        while pid not in self._statuses:
            if not _readable(self._endpoint, timeout):
                return None
            try:
                _, ended, status, _ = line.receive(self._endpoint)
                self._statuses[ended] = status
            except (OSError, EOFError):
                # Processors die with their parent (see fork.die_with).
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
    """A processor that `parent` has forked, with the interface of a spawned one.

    The processor stays a zombie until its status is read here. Scaler recognizes dead processors by that (by psutil's
    status, in all releases from 1.26.0 to 2.9.0).
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
    """Have this process's processors forked by `parent`, and spawned once it cannot."""
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
    """Call it in the host before the first fork."""
    _reducers.update(copyreg.dispatch_table)


def pickled(process_object, make=pickle.Pickler):
    """Pickle a process object. Semaphores and authkeys can be pickled only while multiprocessing spawns a process."""
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
    # Not select.select, which cannot take descriptors from 1024 on.
    poll = select.poll()
    poll.register(endpoint, select.POLLIN)
    return poll.poll(None if timeout is None else timeout * 1000)
