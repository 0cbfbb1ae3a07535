"""The parent of a worker's processors: it forks them, tells of their ends, and reaps them.

A task may signal its parent, and what it kills must be its own worker alone: so that is neither the worker host, which
all share, nor the worker, which has threads by the time it needs a processor. Each worker forks this process as the
first thing that it does, or is this process (see native.py). It executes nothing but what stands here, so that little of
it has to be copied.
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
        return _ParentOfWorker(number, worker, theirs, gate_descriptor, prepare).run()

    keep = [theirs.fileno(), gate_descriptor]
    (pid,) = fork.fork([fork.Job(run, worker, keep)], [ours.fileno(), *keep, *descriptors])
    theirs.close()
    if isinstance(pid, OSError):
        ours.close()
        raise pid
    return pid, ours


class Parent:
    """The loop: what it is told on the line `endpoint`, signals, and the ends of processors."""

    def __init__(self, number, endpoint, prepare):
        self._number = number
        self._endpoint = endpoint
        self._prepare = prepare
        self._processors = set()
        self._poll = select.poll()
        self._watched = set()
        self._deadline = None  # when on_time is due
        self.status = None  # the exit code, once it is to end

    def run(self):
        fork.become_subreaper()
        self._group = os.getpgrp()
        signals, write = os.pipe()
        self._signals = [signals, write]
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, *_FORWARDED):
            signal.signal(number, _wake)
        self._poll.register(self._endpoint, select.POLLIN)
        self._poll.register(signals, select.POLLIN)
        try:
            while self.status is None:
                self._serve(signals)
        except (EOFError, OSError):
            self.status = 0  # who asks for processors is gone
        # Where the kernel does not see to it (see fork.die_with), they end here.
        self.kill_all()
        return self.status

    def _serve(self, signals):
        waiting = None if self._deadline is None else max(0.0, self._deadline - time.monotonic())
        ready = [number for number, _ in self._poll.poll(None if waiting is None else waiting * 1000)]
        if signals in ready:
            self._on_signals(os.read(signals, 512))
        for descriptor in ready:
            if descriptor in self._watched:
                self.on_ready(descriptor)
        if waiting == 0 and self._deadline is not None:
            self.on_time()
        if self._endpoint.fileno() in ready:
            self.on_message(*line.receive(self._endpoint))

    def watch(self, descriptor):
        """Have on_ready called when something is to be read from it."""
        self._watched.add(descriptor)
        self._poll.register(descriptor, select.POLLIN)

    def unwatch(self, descriptor):
        self._watched.discard(descriptor)
        self._poll.unregister(descriptor)

    def fork(self, run, keep, *ours):
        """Fork a processor that calls `run` and keeps the descriptors `keep`; `ours` are others that it must not have.
        Returns its pid; raises OSError."""
        descriptors = [self._endpoint.fileno(), *self._signals, *self._watched, *keep, *ours]
        (pid,) = fork.fork([fork.Job(run, self._group, keep)], descriptors)
        if isinstance(pid, OSError):
            raise pid
        self._processors.add(pid)
        return pid

    def kill_all(self):
        for pid in self._processors:
            os.kill(pid, signal.SIGKILL)

    def _on_signals(self, numbers):
        for number in set(numbers):
            if number == signal.SIGCHLD:
                self._notice_ends()
            else:
                self.on_signal(number)

    def _notice_ends(self):
        for pid in list(self._processors):
            found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is not None:
                self.on_end(pid, found.si_status << 8 if found.si_code == os.CLD_EXITED else found.si_status)
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


class _ParentOfWorker(Parent):
    """The one of a worker that is another process."""

    def __init__(self, number, worker, endpoint, gate_descriptor, prepare):
        super().__init__(number, endpoint, prepare)
        self._worker = worker
        self._gate = gate_descriptor
        self._ended = set()
        self._request = None  # a pickled processor that is to be forked by the deadline

    def on_signal(self, number):
        if os.getppid() == self._worker:
            os.kill(self._worker, number)

    def on_message(self, kind, pid, status, body):
        if kind == line.FORK:
            self._request, self._deadline = body, time.monotonic() + gate.LONGEST_SECONDS
            self.watch(self._gate)
        elif kind == line.REAP and pid in self._ended:
            os.waitpid(pid, 0)
            self._processors.remove(pid)
            self._ended.remove(pid)
            self._reap_strangers()

    def on_ready(self, descriptor):
        self.on_time()  # the gate is open

    def on_time(self):
        pickled, self._request, self._deadline = self._request, None, None
        self.unwatch(self._gate)
        try:
            pid = self.fork(lambda: processor.run(self._number, pickled, self._prepare), [], self._gate)
        except OSError as error:
            line.send(self._endpoint, line.REFUSED, body=str(error).encode())
        else:
            line.send(self._endpoint, line.FORKED, pid)

    def on_end(self, pid, status):
        if pid not in self._ended:
            self._ended.add(pid)
            line.send(self._endpoint, line.EXITED, pid, status)


def _wake(number, frame):
    """The wake-up descriptor does the work."""
