"""The parent of a worker's processors: it forks them, tells of their ends, and reaps them when the worker says so.

A task may signal its parent, and what it kills must be its own worker alone: so that is neither the worker host, which
all share, nor the worker, which has threads by the time it needs a processor. Each worker forks this process as the
first thing that it does; it executes nothing but what stands here, so that little of it has to be copied.
"""

import os
import select
import signal
import socket
import time

from . import fork, gate, line, processor, title

# Handed on to the worker, which is what a task's parent is under Scaler's own manager.
_FORWARDED = (signal.SIGTERM, signal.SIGINT)


def start(number, gate_descriptor, prepare, descriptors):
    """Fork the parent of the processors of this process, worker `number`. Returns its pid and our end of the line to it.

    `gate_descriptor` is the host's gate. `descriptors` are this process's alone; those of the line are, too. OSError when
    there are no processes or descriptors left.
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
            # The worker is gone. Where the kernel does not see to it (see fork.die_with), its processors end here.
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
            self._reap_strangers()

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
        self._reap_strangers()

    def _reap_strangers(self):
        """What tasks detached became ours (see fork.become_subreaper), and nobody asks how it ended."""
        try:
            while True:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                # A processor that waits for its REAP hides those that were made after it until then.
                if found is None or found.si_pid in self._processors:
                    return
                os.waitpid(found.si_pid, 0)
        except ChildProcessError:
            pass


def _wake(number, frame):
    """The wake-up descriptor does the work."""
