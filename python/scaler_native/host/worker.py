"""What a worker of ours does beside being Scaler's: it asks the worker host for its processors and reports its state."""

import base64
import copyreg
import gc
import io
import logging
import multiprocessing.context
import os
import pickle
import resource
import signal
import sys
from multiprocessing import reduction, spawn

from . import fork, protocol, reports, settings

# The link of this process to the worker host; None in every process that is not a worker.
link = None

# How to pickle types that cannot say it themselves, but for exceptions: tblib knows two hundred of those, of which no
# process object holds any, and multiprocessing's own pickler copies the whole table.
_reducers = {}


class LinkLost(Exception):
    """The worker host is gone, or cannot fork."""


class Link:
    """A worker's side of its channel to the worker host."""

    def __init__(self, channel):
        self._channel = channel
        self._statuses = {}
        self._lost = False

    def report(self, message):
        """Tell the host something; a host that is gone is not a worker's trouble."""
        try:
            self._channel.send(message)
        except OSError:
            self._lost = True

    def fork(self, pickled):
        """Have the host fork a processor. Returns its pid."""
        if self._lost:
            raise LinkLost("the worker host is gone")
        try:
            self._channel.send({"type": "fork", "process": base64.b64encode(pickled).decode("ascii")})
            while True:
                message = self._channel.receive()
                if message["type"] == "forked":
                    return message["pid"]
                if message["type"] == "refused":
                    raise LinkLost(message["error"])
                self._note(message)
        except (OSError, EOFError) as error:
            self._lost = True
            raise LinkLost("the worker host is gone: %r" % error)

    def status(self, pid, timeout):
        """The wait status of a processor that has ended; None when it has not within `timeout` seconds."""
        while pid not in self._statuses and not self._lost:
            try:
                message = self._channel.receive(timeout)
            except (OSError, EOFError):
                self._lost = True
                break
            if message is None:
                return None
            self._note(message)
        if pid not in self._statuses:
            # Without the host nobody tells; its processors die with it (see fork.die_with).
            return int(signal.SIGKILL)
        return self._statuses[pid]

    def reap(self, pid):
        self._statuses.pop(pid, None)
        self.report({"type": "reap", "pid": pid})

    def _note(self, message):
        if message["type"] == "exited":
            self._statuses[message["pid"]] = message["status"]


class ForkedProcessor:
    """Stands in for multiprocessing's Popen: a processor forked by the host, with the manners of a spawned one.

    The processor stays a zombie until its status is read here: Scaler finds dead
    processors by that (psutil's status, in all releases from 1.26.0 to 2.9.0).
    """

    method = "fork"

    def __init__(self, process_obj):
        self.returncode = None
        self.pid = link.fork(pickled(process_obj))
        self.sentinel = sentinel(self.pid)

    def poll(self, flag=os.WNOHANG):
        return self.wait(0 if flag == os.WNOHANG else None)

    def wait(self, timeout=None):
        if self.returncode is None:
            status = link.status(self.pid, timeout)
            if status is not None:
                self.returncode = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
                link.reap(self.pid)
        return self.returncode

    def terminate(self):
        self._send(signal.SIGTERM)

    def kill(self):
        self._send(signal.SIGKILL)

    def close(self):
        if self.sentinel >= 0:
            os.close(self.sentinel)
            self.sentinel = -1

    def __del__(self):
        if getattr(self, "sentinel", -1) >= 0:
            self.close()

    def _send(self, number):
        if self.returncode is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass


def pickled(process_object):
    """A process object as it travels to its process. multiprocessing lets it only when one is being spawned."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer)
    pickler.dispatch_table = {**_reducers, **reduction.ForkingPickler._extra_reducers}
    multiprocessing.context.set_spawning_popen(process_object)
    try:
        pickler.dump(process_object)
    finally:
        multiprocessing.context.set_spawning_popen(None)
    return buffer.getvalue()


def sentinel(pid):
    """A descriptor that becomes readable when the process ends; -1 where there is no such thing."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # before Python 3.9, not Linux, no descriptors left
        return -1


def start_processor(process_obj):
    """The `_Popen` of Processor in our workers."""
    try:
        return ForkedProcessor(process_obj)
    except LinkLost as error:
        logging.getLogger("scaler").warning("processors are spawned from here on: %s", error)
        type(process_obj)._Popen = multiprocessing.context.SpawnProcess._Popen
        return type(process_obj)._Popen(process_obj)


def run(worker, channel, release, forking):
    """Be `worker` until it ends. Returns its exit code."""
    global link
    link = Link(channel)
    if forking:
        release.processor_module.Processor._Popen = staticmethod(start_processor)
    path = release.socket_path(worker)
    if path is not None:
        report_socket(path)
    return worker._bootstrap(parent_sentinel=sentinel(os.getppid()))


def report_registration():
    link.report({"type": "registered"})


def report_load(busy):
    link.report({"type": "busy" if busy else "idle"})


def report_socket(path):
    if link is not None:
        link.report({"type": "socket", "path": path})


def main(channel, sources):
    """A worker in an interpreter of its own, where the host cannot fork: Scaler's own way for its processors too."""
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
    return run(worker, endpoint, release, forking=False)


def prepare(release):
    """What every worker's process needs of ours in the classes of Scaler, before there is a worker."""
    _reducers.update(copyreg.dispatch_table)
    release.share_exception_pickling()
    reports.registration(release, report_registration)
    reports.load(release, report_load)
    reports.sockets(report_socket)
