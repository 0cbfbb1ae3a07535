"""A worker with Scaler's own agent: it also reports its state to the host, and has its processors forked."""

import base64
import gc
import logging
import os
import resource
import signal
import sys
from multiprocessing import reduction, spawn

from . import fork, parent, popen, protocol, reports, settings, title

# This process's link to the worker host; None in a process that is not a worker.
link = None


class Link:
    """A worker's side of its channel to the worker host."""

    def __init__(self, channel):
        self._channel = channel

    def descriptors(self):
        return [self._channel.fileno()]

    def report(self, message):
        """Send the host a message. A worker goes on without a host."""
        try:
            self._channel.send(message)
        except OSError:
            pass


def run(worker, channel, release):
    """Run `worker` until it ends. Returns its exit code."""
    global link
    link = Link(channel)
    path = release.socket_path(worker)
    if path is not None:
        report_socket(path)
    return worker._bootstrap(parent_sentinel=fork.open_pidfd(os.getppid()))


def run_forked(number, worker, channel, release, gate, prepare):
    """Run `worker`, a fork of the host, until it ends. Returns its exit code.

    It first forks the parent of its processors, while it has no threads, which a fork would lose, and little memory.
    """
    try:
        processors = popen.Parent(*parent.start(number, gate, prepare, [channel.fileno()]))
    except OSError as error:
        logging.getLogger("scaler").warning("processors are spawned: cannot fork their parent: %s", error)
    else:
        die_with_child(processors.pid)
        channel.send({"type": "parent", "pid": processors.pid})
        popen.fork_processors(release.processor_module.Processor, processors)
    finally:
        os.close(gate)
    return run(worker, channel, release)


def die_with_child(pid):
    """End at once when the child `pid` has ended.

    Under Scaler's own manager a processor's parent is the worker: a task that kills its parent kills its worker.
    """

    def look(*_):
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            os.kill(os.getpid(), signal.SIGKILL)

    signal.signal(signal.SIGCHLD, look)
    look()


def report_registration():
    link.report({"type": "registered"})


def report_load(busy):
    link.report({"type": "busy" if busy else "idle"})


def report_processor(pid, state):
    link.report({"type": "processor", "pid": pid, "state": state})


def report_socket(path):
    if link is not None:
        link.report({"type": "socket", "path": path})


def main(channel, sources):
    """A worker in an interpreter of its own, if the host cannot fork. Scaler's own code spawns its processors."""
    from .release import Release

    endpoint = protocol.Channel.from_descriptor(channel)
    message = endpoint.receive()
    fork.die_with(message["host"])
    release = Release()
    prepare(release)
    gc.enable()  # see boot.boot
    sys.argv, sys.path[:] = message["argv"], message["path"]
    spawn.prepare(message.get("prepare", {}))
    resource.setrlimit(resource.RLIMIT_NOFILE, message["descriptors"])
    settings.apply(message["settings"])
    worker = reduction.ForkingPickler.loads(base64.b64decode(message["process"]))
    title.prepare()
    title.worker(message["number"], worker.identity)
    return run(worker, endpoint, release)


def prepare(release):
    """Patch Scaler's classes for all workers, before there is a worker."""
    popen.prepare()
    release.share_exception_pickling()
    reports.registration(release, report_registration)
    reports.load(release, report_load)
    reports.processors(release, report_processor)
    reports.sockets(report_socket)
