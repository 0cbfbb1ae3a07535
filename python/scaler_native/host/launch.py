"""How workers and processors come to be: by a fork of the host, or in an interpreter of their own."""

import base64
import json
import os
import signal
import sys
from multiprocessing import process, reduction, spawn

from . import fork, settings, worker


def fork_worker(process_object, theirs, given, release, let_go):
    """Fork a worker with its end of the channel. Returns its pid."""

    def run():
        settings.apply(given)
        return worker.run(process_object, theirs, release, True)

    return fork.fork(run, 0, let_go)


def spawn_worker(process_object, theirs, ours, given, prepare, sources):
    """Start a worker in an interpreter of its own, where forking is not possible. Returns its pid."""
    pickled = base64.b64encode(worker.pickled(process_object)).decode("ascii")
    text, write = os.pipe()
    descriptors = [theirs.fileno(), text]
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
    ours.send(
        {
            "type": "worker",
            "process": pickled,
            "argv": sys.argv,
            "path": sys.path,
            "prepare": prepare,
            "settings": given,
            "descriptors": fork.descriptor_limit(),
            "host": os.getpid(),
        }
    )
    return pid


def fork_processor(pickled, group, given, prepare, let_go):
    """Fork a processor into the process group of its worker. Returns its pid."""

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

    return fork.fork(run, group, let_go)
