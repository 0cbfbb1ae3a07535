"""Starts workers: as forks of the host, or where it cannot fork, in interpreters of their own."""

import base64
import os
import signal
import socket
import sys
import tempfile

from . import fork, lean, line, loader, popen, protocol, settings, title, worker


class PendingWorker:
    """A worker that has no process yet, with both ends of its channel. OSError if no descriptors are left."""

    def __init__(self, number, given, make):
        self.number = number
        self.settings = given
        self.ours, self.theirs = socket.socketpair()
        try:
            self.process_object = make()
        except BaseException:
            self.close()
            raise

    def descriptors(self):
        return [self.ours.fileno(), self.theirs.fileno()]

    def close(self):
        self.ours.close()
        self.theirs.close()

    def apply_settings(self):
        settings.apply(self.settings)

    def job(self, release, gate, prepare):
        def run():
            title.worker(self.number, self.process_object.identity)
            self.apply_settings()
            channel = protocol.Channel(self.theirs)
            return worker.run_forked(self.number, self.process_object, channel, release, gate, prepare)

        return fork.Job(run, 0, [self.theirs.fileno(), gate])


class Launcher:
    """Gives pending workers their processes, in the way that the configuration and the host allow.

    `hello` and `configure` of the server set the attributes.
    """

    def __init__(self, sources, gate):
        self._sources = sources
        self._gate = gate
        self.release = None
        self.no_fork = ""  # why the host cannot fork
        self.prepare = {}  # for multiprocessing.spawn.prepare in processors
        self.make_worker = None
        self.mode = None  # native.Mode if agents are in the manager

    def pending(self, number, given):
        return PendingWorker(number, given, self.make_worker)

    def launch(self, pending, descriptors):
        """Start the processes. Returns for each pending worker its pid, or the exception that prevented it.

        `descriptors` are the host's own, which no child may keep.
        """
        everything = descriptors + [number for new in pending for number in new.descriptors()]
        if self.mode is not None:
            return lean.fork_some([self.mode.job(new, self.prepare) for new in pending], everything)
        for new in pending:
            self._gate.started(new.number)
        if not self.no_fork:
            jobs = [new.job(self.release, self._gate.descriptor, self.prepare) for new in pending]
            return fork.fork(jobs, everything)
        return [spawn_worker(new, self.prepare, self._sources) for new in pending]

    def channel(self, pending):
        """The host's end of a started worker's channel."""
        return protocol.Channel(pending.ours) if self.mode is None else line.Buffered(pending.ours)


def spawn_worker(pending, prepare, sources):
    """Start a worker in an interpreter of its own. Returns its pid, or the exception that prevented it."""
    try:
        return _spawn_worker(pending, prepare, sources)
    except Exception as error:
        return error


def _spawn_worker(pending, prepare, sources):
    pickled = base64.b64encode(popen.pickled(pending.process_object)).decode("ascii")
    # A file, because a pipe would block the host if the interpreter does not read.
    with tempfile.TemporaryFile() as text:
        text.write(loader.program(sources))
        text.seek(0)
        descriptors = [pending.theirs.fileno(), text.fileno()]
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        arguments = [sys.executable] + loader.arguments("worker", *descriptors)
        defaults = (signal.SIGINT, signal.SIGTERM)
        pid = os.posix_spawn(sys.executable, arguments, os.environ, setpgroup=0, setsigdef=defaults)
    try:
        protocol.Channel(pending.ours).send(
            {
                "type": "worker",
                "process": pickled,
                "number": pending.number,
                "argv": sys.argv,
                "path": sys.path,
                "prepare": prepare,
                "settings": pending.settings,
                "descriptors": fork.descriptor_limit(),
                "host": os.getpid(),
            }
        )
    except BaseException:
        # Nobody else knows that this process exists.
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    return pid
