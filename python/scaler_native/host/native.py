"""The process of a worker whose agent is in the manager: the parent of its processors, and nothing else.

It executes nothing but what stands here and in parent.py, so that little of it has to be copied.
"""

import contextlib
import os
import signal
from multiprocessing import process, spawn

from . import ending, generators, line, parent, pause, popen, settings, title


def run(worker, number, given, endpoint, recipe, agent, prepare):
    """Be the process of `worker`, a fork of the host, until it ends. Returns its exit code."""
    title.worker(number, worker.identity)
    settings.apply(given)
    return _Parent(worker, number, endpoint, recipe, agent, prepare).run()


class _Parent(parent.Parent):
    def __init__(self, worker, number, endpoint, recipe, agent, prepare):
        super().__init__(number, endpoint, prepare)
        self._worker = worker
        self._recipe = recipe
        self._agent = agent
        self._pauses = {}  # our ends, by pid
        self._pids = {}  # the pids, by descriptor of our end

    def on_message(self, kind, pid, status, body):
        if kind == line.FORK:
            self._fork(body.decode())
        elif kind == line.SIGNAL and pid in self._processors:
            with contextlib.suppress(OSError):  # it has become another user
                os.kill(pid, status)
        elif kind == line.RESUME and pid in self._pauses:
            pause.resume(self._pauses[pid])
        elif kind == line.QUIT:
            self.status = status

    def on_signal(self, number):
        line.send(self._endpoint, line.TERMINATE, status=number)

    def on_end(self, pid, status):
        os.waitpid(pid, 0)
        self._processors.remove(pid)
        self._drop_pause(pid)
        line.send(self._endpoint, line.EXITED, pid, status)

    def on_ready(self, descriptor):
        """A processor goes on, or has closed its end."""
        pid = self._pids[descriptor]
        try:
            said = self._pauses[pid].recv(16)
        except OSError:
            said = b""
        if said:
            line.send(self._endpoint, line.RESUMED, pid)
        else:
            self._drop_pause(pid)

    def _fork(self, storage):
        ours = theirs = None
        try:
            if not self._worker._hard_processor_suspend:
                ours, theirs = pause.make()
            ends = [end.fileno() for end in (theirs, ours) if end is not None]
            pid = self.fork(lambda: self._be_processor(storage, theirs), ends[:1], *ends[1:])
            if ours is not None:
                self._pauses[pid], self._pids[ours.fileno()] = ours, pid
                self.watch(ours.fileno())
        except OSError as error:
            if ours is not None:
                ours.close()
            line.send(self._endpoint, line.REFUSED, body=str(error).encode())
        else:
            line.send(self._endpoint, line.FORKED, pid)
        finally:
            if theirs is not None:
                theirs.close()

    def _drop_pause(self, pid):
        ours = self._pauses.pop(pid, None)
        if ours is not None:
            self.unwatch(ours.fileno())
            del self._pids[ours.fileno()]
            ours.close()

    def _be_processor(self, storage, endpoint):
        title.processor(self._number)
        generators.reseed()
        return ending.run(lambda: self._bootstrap(storage, endpoint))

    def _bootstrap(self, storage, endpoint):
        # As multiprocessing.spawn does around its load.
        process.current_process()._inheriting = True
        try:
            spawn.prepare(self._prepare)
            processor = self._recipe.make(self._worker, self._agent, storage, endpoint)
        finally:
            del process.current_process()._inheriting
        # What multiprocessing.parent_process tells.
        processor._parent_pid, processor._parent_name = os.getppid(), self._worker.name
        # A task may be interrupted by SIGINT as in any Python program.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return processor._bootstrap(parent_sentinel=popen.sentinel(os.getppid()))
