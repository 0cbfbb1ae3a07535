"""How workers come to be: by a fork of the host, or in an interpreter of their own."""

import base64
import os
import signal
import socket
import sys
import tempfile

from . import fork, loader, popen, protocol, settings, title, worker


class PendingWorker:
    """A worker that has no process yet, with both ends of its channel. OSError when there are no descriptors left."""

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
            return worker.run_forked(self.number, self.process_object, protocol.Channel(self.theirs), release, gate, prepare)

        return fork.Job(run, 0, [self.theirs.fileno(), gate])


def spawn_worker(pending, prepare, sources):
    """Start a worker in an interpreter of its own, where forking is not possible. Returns its pid, or why it has none."""
    try:
        return _spawn_worker(pending, prepare, sources)
    except Exception as error:
        return error


def _spawn_worker(pending, prepare, sources):
    pickled = base64.b64encode(popen.pickled(pending.process_object)).decode("ascii")
    # A file and not a pipe, which would keep the host waiting for an interpreter that does not read.
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
        # Nobody else knows of it.
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    return pid
