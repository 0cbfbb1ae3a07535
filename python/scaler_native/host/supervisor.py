"""The process of a worker whose agent is in the manager: it forks, signals and reaps the worker's processors.

Each worker has one, so that a task that kills its parent ends only its own worker. It runs as little code as possible,
because each page that it writes to is copied: see lean.py.
"""

import os
import select
import signal
import socket
import time

from . import fork, held, lean, line, processor, title

# How long to wait for killed processors. They end at once unless they are blocked in the kernel (state D).
_END_SECONDS = 2.0

# States of a processor. With soft suspension (by SIGUSR1 and a socket, not by SIGSTOP) it may be suspended again before
# it has answered that it was resumed.
_RUNS, _SUSPENDED, _RESUMES, _RESUMES_TO_SUSPEND = range(4)
# States of a spare processor.
_STARTS, _SPARE = range(4, 6)


class _Processor:
    __slots__ = ("descriptor", "pid", "state")

    def __init__(self, pid, descriptor):
        self.pid, self.descriptor, self.state = pid, descriptor, _RUNS


class Supervisor:
    """Created in the host; `run` is called in the worker's process. The number of a spare worker is 0.

    `soft` says whether processors are suspended softly. `make` and `give_storage` are as in recipe.Recipe.
    """

    def __init__(self, number, identity, endpoint, soft, make, give_storage, prepare):
        self._number = number
        self._identity = identity
        self._title = title.prepared_worker(number, identity)
        self._endpoint = endpoint
        self._soft = soft
        self._make = make
        self._give_storage = give_storage
        self._prepare = prepare
        self._spare = None  # is in _processors, too
        self._processors = {}
        self._by_descriptor = {}
        self._count = 0
        self._signals = self._poll = None
        self._status = None
        self._deadline = self._longest = None

    def run(self):
        title.show(self._title)
        fork.become_subreaper()
        self._signals = signals = lean.signals()
        self._poll = poll = select.poll()
        control = self._endpoint.fileno()
        poll.register(control, select.POLLIN)
        poll.register(signals, select.POLLIN)
        try:
            while self._status is None or (self._processors and time.monotonic() < self._deadline):
                for descriptor, _ in poll.poll(self._longest):
                    if descriptor == signals:
                        self._on_signals()
                    elif descriptor == control:
                        self._on_message(*line.receive(self._endpoint))
                    elif descriptor in self._by_descriptor:
                        self._on_answer(self._by_descriptor[descriptor])
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._kill_all()  # the host has ended; on Linux the kernel kills this process (fork.die_with)
            return 1
        return self._status

    def _on_signals(self):
        number = lean.take(self._signals)
        while number:
            if number == signal.SIGCHLD:
                self._reap()
            else:
                line.send(self._endpoint, line.TERMINATE, status=number)
            number = lean.take(self._signals)

    def _on_message(self, kind, pid, status, body):
        known = self._processors.get(pid)
        if kind == line.FORK and self._status is None:
            storage = body.decode()
            if not self._use_spare(storage):
                self._fork(storage)
        elif kind == line.SPARE and self._status is None:
            if self._spare is None:
                self._fork(None)
            elif self._spare.state == _SPARE:
                line.send(self._endpoint, line.WAITS, self._spare.pid)
        elif kind == line.DROP:
            self._drop_spare()
        elif kind == line.NUMBER:
            self._number = status
            title.show(title.prepared_worker(status, self._identity))
        elif kind == line.FORK:
            line.send(self._endpoint, line.REFUSED, body=b"the worker ends")
        elif kind == line.QUIT:
            self._status, self._deadline, self._longest = status, time.monotonic() + _END_SECONDS, _END_SECONDS * 1000
            self._kill_all()
        elif known is None:
            pass  # it has been reaped, and the manager does not know it yet
        elif kind == line.SIGNAL:
            self._signal(known, status)
        elif kind == line.RESUME:
            self._resume(known)

    def _fork(self, storage):
        """Fork a processor. `storage` is the address of its object storage; None makes a spare one."""
        ours = theirs = None
        spare = storage is None
        try:
            if self._soft or spare:
                ours, theirs = (end.detach() for end in socket.socketpair())
            self._count += 1
            count, keep = self._count, [] if theirs is None else [theirs]

            def make():
                made = self._make(count, storage, theirs if self._soft else None)
                if spare:
                    title.spare()
                    held.hold(made, theirs, self._soft, self._give_storage)
                return made

            def run():
                return processor.run_made(self._number, make, self._prepare)

            own = [
                self._endpoint.fileno(),
                self._signals,
                *self._by_descriptor,
                *keep,
                *([] if ours is None else [ours]),
            ]
            pid = lean.fork_whole(fork.Job(run, os.getpid(), keep), own)
        except OSError as error:
            if ours is not None:
                os.close(ours)
            line.send(self._endpoint, line.GONE if spare else line.REFUSED, body=str(error).encode())
        else:
            self._processors[pid] = known = _Processor(pid, ours)
            if ours is not None:
                self._by_descriptor[ours] = known
                self._poll.register(ours, select.POLLIN)
            if spare:
                self._spare, known.state = known, _STARTS
            else:
                line.send(self._endpoint, line.FORKED, pid)
        finally:
            if theirs is not None:
                os.close(theirs)

    def _use_spare(self, storage):
        """Use the spare processor. Returns whether that was possible.

        A spare that is still starting is kept for the next time. The end of a spare is reported when it is reaped; it
        has no descriptor by then.
        """
        known = self._spare
        if known is None or known.state != _SPARE or known.descriptor is None:
            return False
        if held.is_stopped(known.pid):
            self._drop_spare()
            line.send(self._endpoint, line.GONE, known.pid)
            return False
        try:
            os.write(known.descriptor, held.order(self._number, storage))
        except OSError:  # it has ended
            return False
        self._spare, known.state = None, _RUNS
        line.send(self._endpoint, line.FORKED, known.pid)
        if not self._soft:
            self._let_go(known)
        return True

    def _drop_spare(self):
        if self._spare is not None:
            os.kill(self._spare.pid, signal.SIGKILL)
            self._spare = None

    def _signal(self, known, number):
        if number != signal.SIGUSR1 or not self._soft:
            os.kill(known.pid, number)
        elif known.state == _RUNS:
            known.state = _SUSPENDED
            os.kill(known.pid, number)
        elif known.state == _RESUMES:
            known.state = _RESUMES_TO_SUSPEND

    def _resume(self, known):
        if known.state == _SUSPENDED and known.descriptor is not None:
            known.state = _RESUMES
            os.write(known.descriptor, b"\0")  # does not block: the processor reads each byte before it answers
        elif known.state == _RESUMES_TO_SUSPEND:
            known.state = _RESUMES
        elif known.state != _RESUMES:
            if not self._soft:
                os.kill(known.pid, signal.SIGCONT)
            line.send(self._endpoint, line.RESUMED, known.pid)

    def _on_answer(self, known):
        """A processor has been resumed, or a spare is ready. What a task writes to the descriptor is ignored.

        A processor that has closed it can no longer be suspended.
        """
        try:
            answered = os.read(known.descriptor, 64)
        except OSError:
            answered = b""
        if known.state == _STARTS and answered:
            known.state = _SPARE
            if known is self._spare:
                line.send(self._endpoint, line.WAITS, known.pid)
        elif known.state in (_RESUMES, _RESUMES_TO_SUSPEND):
            again, known.state = known.state == _RESUMES_TO_SUSPEND, _RUNS
            if again:  # before the report, so that the manager does not take it for a running one
                self._signal(known, signal.SIGUSR1)
            line.send(self._endpoint, line.RESUMED, known.pid)
        if not answered:
            self._let_go(known)

    def _reap(self):
        """Reap processors, and processes that tasks have detached, whose parent this is now (fork.become_subreaper)."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            known = self._processors.pop(pid, None)
            if known is not None:
                self._let_go(known)
                if known is self._spare:
                    self._spare = None
                    line.send(self._endpoint, line.GONE, pid, status)
                elif known.state not in (_STARTS, _SPARE):
                    line.send(self._endpoint, line.EXITED, pid, status)

    def _let_go(self, known):
        if known.descriptor is not None:
            self._poll.unregister(known.descriptor)
            del self._by_descriptor[known.descriptor]
            os.close(known.descriptor)
            known.descriptor = None

    def _kill_all(self):
        for pid in self._processors:
            os.kill(pid, signal.SIGKILL)
