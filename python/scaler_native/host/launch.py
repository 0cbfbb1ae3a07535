"""How workers and processors come to be: by a fork of the host, or in an interpreter of their own."""

import base64
import json
import os
import signal
import socket
import sys
from multiprocessing import process, reduction, spawn

from . import fork, protocol, settings, worker


class Newcomer:
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

    def job(self, release):
        def run():
            settings.apply(self.settings)
            return worker.run(self.process_object, protocol.Channel(self.theirs), release, True)

        return fork.Job(run, 0, [self.theirs.fileno()])


def spawn_worker(newcomer, prepare, sources):
    """Start a worker in an interpreter of its own, where forking is not possible. Returns its pid."""
    pickled = base64.b64encode(worker.pickled(newcomer.process_object)).decode("ascii")
    text, write = os.pipe()
    descriptors = [newcomer.theirs.fileno(), text]
    for descriptor in descriptors:
        os.set_inheritable(descriptor, True)
    boot = json.loads(sources)["scaler_native/host/boot.py"]
    arguments = [sys.executable, "-c", boot, "worker"] + [str(number) for number in descriptors]
    try:
        defaults = (signal.SIGINT, signal.SIGTERM)
        pid = os.posix_spawn(sys.executable, arguments, os.environ, setpgroup=0, setsigdef=defaults)
    finally:
        os.close(text)
    with os.fdopen(write, "wb") as stream:
        stream.write(sources)
    protocol.Channel(newcomer.ours).send(
        {
            "type": "worker",
            "process": pickled,
            "argv": sys.argv,
            "path": sys.path,
            "prepare": prepare,
            "settings": newcomer.settings,
            "descriptors": fork.descriptor_limit(),
            "host": os.getpid(),
        }
    )
    return pid


def processor_job(pickled, group, given, prepare):
    """What a processor is to do, in the process group of its worker."""

    def run():
        settings.apply(given)
        # As multiprocessing.spawn does around its load.
        process.current_process()._inheriting = True
        try:
            spawn.prepare(prepare)
            processor = reduction.ForkingPickler.loads(pickled)
        finally:
            del process.current_process()._inheriting
        # A task may be interrupted by SIGINT as in any Python program.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return processor._bootstrap(parent_sentinel=worker.sentinel(os.getppid()))

    return fork.Job(run, group, [])
