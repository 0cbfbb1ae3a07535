"""The parent of a worker's processors: it forks them, reports their ends, and reaps them when the worker tells it to.

A task may kill its parent, which must cost no more than its own worker. So the parent cannot be the worker host, which
all workers share. Nor can it be the worker, which has threads by the time it needs a processor. Each worker forks this
process before anything else. It runs no code but this, so that little memory is copied.
"""

import os
import select
import signal
import socket
import time

from . import fork, gate, line, processor, title

# Passed on to the worker: under Scaler's own manager the worker is the parent that a task signals.
_FORWARDED = (signal.SIGTERM, signal.SIGINT)


def start(number, gate_descriptor, prepare, descriptors):
    """Fork the parent of the processors of this process, worker `number`. Returns its pid and a socket to it.

    `gate_descriptor` is the host's gate. `descriptors` are those that only this process may have. OSError if no
    processes or descriptors are left.
    """
    ours, theirs = socket.socketpair()
    worker = os.getpid()

    def run():
        title.parent(number)
        return _Parent(number, worker, theirs, gate_descriptor, prepare).run()

    keep = [theirs.fileno(), gate_descriptor]
    (pid,) = fork.fork([fork.Job(run, worker, keep)], [ours.fileno(), *keep, *descriptors])
    theirs.close()
    if isinstance(pid, OSError):
        ours.close()
        raise pid
    return pid, ours


class _Parent:
    def __init__(self, number, worker, endpoint, gate_descriptor, prepare):
        self._number = number
        self._worker = worker
        self._endpoint = endpoint
        self._gate = gate_descriptor
        self._prepare = prepare
        self._processors = set()
        self._ended = set()
        self._request = None  # a pickled processor that is to be forked by the deadline
        self._deadline = 0.0

    def run(self):
        fork.become_subreaper()
        signals, write = os.pipe()
        self._descriptors = [self._endpoint.fileno(), self._gate, signals, write]
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, *_FORWARDED):
            signal.signal(number, _wake)
        poll = select.poll()
        poll.register(self._endpoint, select.POLLIN)
        poll.register(signals, select.POLLIN)
        try:
            while True:
                waiting = None if self._request is None else max(0.0, self._deadline - time.monotonic())
                ready = [number for number, _ in poll.poll(None if waiting is None else waiting * 1000)]
                if signals in ready:
                    self._on_signals(os.read(signals, 512))
                if self._request is not None and (self._gate in ready or not waiting):
                    poll.unregister(self._gate)
                    self._fork()
                if self._endpoint.fileno() in ready:
                    self._on_message(*line.receive(self._endpoint))
                    if self._request is not None:
                        poll.register(self._gate, select.POLLIN)
        except (EOFError, OSError):
            # The worker has ended. Its processors end with it; on Linux the kernel sees to that (fork.die_with).
            for pid in self._processors - self._ended:
                os.kill(pid, signal.SIGKILL)
        return 0

    def _on_signals(self, numbers):
        for number in set(numbers):
            if number == signal.SIGCHLD:
                self._notice_ends()
            elif os.getppid() == self._worker:
                os.kill(self._worker, number)

    def _on_message(self, kind, pid, status, body):
        if kind == line.FORK:
            self._request, self._deadline = body, time.monotonic() + gate.LONGEST_SECONDS
        elif kind == line.REAP and pid in self._ended:
            os.waitpid(pid, 0)
            self._processors.remove(pid)
            self._ended.remove(pid)
            self._reap_orphans()

    def _fork(self):
        pickled, self._request = self._request, None
        job = fork.Job(lambda: processor.run(self._number, pickled, self._prepare), self._worker, [])
        (pid,) = fork.fork([job], self._descriptors)
        if isinstance(pid, OSError):
            line.send(self._endpoint, line.REFUSED, body=str(pid).encode())
        else:
            self._processors.add(pid)
            line.send(self._endpoint, line.FORKED, pid)

    def _notice_ends(self):
        for pid in self._processors - self._ended:
            found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is not None:
                self._ended.add(pid)
                status = found.si_status << 8 if found.si_code == os.CLD_EXITED else found.si_status
                line.send(self._endpoint, line.EXITED, pid, status)
        self._reap_orphans()

    def _reap_orphans(self):
        """Reap processes that tasks have detached, whose parent this is now (fork.become_subreaper)."""
        try:
            while True:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                # A processor that waits for its REAP hides younger children. They are looked for again after it.
                if found is None or found.si_pid in self._processors:
                    return
                os.waitpid(found.si_pid, 0)
        except ChildProcessError:
            pass


def _wake(number, frame):
    """A handler is needed for the signal to be written to the wake-up descriptor."""
