"""The loop of the worker host: forks on request, tells of ends, reaps when it is told to.

Whoever asked for a child owns its pid: the manager those of the workers, a worker
those of its processors. A child that has ended stays a zombie until its owner says
`reap`, so a number that an owner still uses is never somebody else's.
"""

import base64
import os
import selectors
import signal
import socket
import sys
import traceback

from . import fork, interpreter, launch, protocol, tracker, waiting, worker
from .children import Child, Children, Worker
from .release import Release

# How many children are forked in a row, before anybody is told of them.
BATCH = 16


class Server:
    def __init__(self, control, sources):
        self._control = control
        self._sources = sources
        self._release = None
        self._make_worker = None
        self._no_fork = ""
        self._prepare = {}
        self._children = Children()
        self._waiting = waiting.Waiting()
        self._selector = selectors.DefaultSelector()
        self._wakeup = socket.socketpair()

    def run(self):
        for end in self._wakeup:
            end.setblocking(False)
        signal.set_wakeup_fd(self._wakeup[1].fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # the wake-up descriptor does the work
        # A service manager signals every process of a unit; this one must stay to tell the manager of the ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._selector.register(self._control, selectors.EVENT_READ, self._serve_manager)
        self._selector.register(self._wakeup[0], selectors.EVENT_READ, self._serve_ends)
        try:
            while True:
                for key, _ in self._selector.select(self._waiting.timeout()):
                    key.data(key.fileobj)
                self._serve_waiting()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass  # the manager is gone: nobody may outlive it
        finally:
            self._children.kill_all()
        return 0

    # The manager's side.

    def _serve_manager(self, control):
        control.fill()
        starts = []
        for message in control.pending():
            if message["type"] == "start":
                starts.append(message)
            else:
                getattr(self, "_on_" + message["type"])(message)
        self._start(starts)

    def _on_hello(self, message):
        if message["version"] != protocol.VERSION:
            raise protocol.ProtocolError("the manager speaks version %r, not %d" % (message["version"], protocol.VERSION))
        self._prepare = message.get("prepare", {})
        interpreter.become_main_program(message["argv"], message.get("path", []))
        try:
            self._release = Release()
        except Exception as error:
            if not isinstance(error, ImportError):
                traceback.print_exc()
            self._control.send({"type": "failed", "error": "cannot import Scaler: %s" % error})
            return
        failed = interpreter.warm(message["imports"])
        worker.prepare(self._release)
        fork.raise_descriptor_limit()
        self._no_fork = fork.has_threads()
        release = self._release
        self._control.send(
            {
                "type": "ready",
                "version": protocol.VERSION,
                "python": sys.version.split()[0],
                "scaler": release.version,
                "transport": release.transport(),
                "transports": release.transports(),
                "tags": release.tags(),
                "log": release.log_formats(message["process_name"]),
                "no_fork": self._no_fork,
                "not_imported": failed,
            }
        )

    def _on_configure(self, message):
        os.environ.update(message["environment"])
        try:
            self._make_worker, unknown = self._release.worker_factory(message["options"])
        except ValueError as error:
            self._control.send({"type": "failed", "error": "Scaler %s: %s" % (self._release.version, error)})
            return
        self._release.import_transport()
        self._release.share_loggers()
        interpreter.settle()
        tracker.start(forking=not self._no_fork)
        self._control.send({"type": "configured", "unknown": unknown})

    def _start(self, messages):
        """Start workers, some at a time: those that are forked one right after the other share more memory."""
        for first in range(0, len(messages), BATCH):
            newcomers = []
            for message in messages[first : first + BATCH]:
                try:
                    newcomers.append(launch.Newcomer(message["worker"], message["settings"], self._make_worker))
                except Exception as error:
                    self._refuse(message["worker"], error)
            for newcomer, pid in zip(newcomers, self._launch(newcomers)):
                newcomer.theirs.close()
                if isinstance(pid, int):
                    self._started(newcomer, pid)
                else:
                    newcomer.close()
                    self._refuse(newcomer.number, pid)

    def _launch(self, newcomers):
        """Give them processes. Returns for each its pid, or why it has none."""
        if not self._no_fork:
            descriptors = [number for newcomer in newcomers for number in newcomer.descriptors()]
            return fork.fork([newcomer.job(self._release) for newcomer in newcomers], self._descriptors() + descriptors)
        results = []
        for newcomer in newcomers:
            try:
                results.append(launch.spawn_worker(newcomer, self._prepare, self._sources))
            except Exception as error:
                results.append(error)
        return results

    def _refuse(self, number, error):
        self._control.send({"type": "refused", "worker": number, "error": "%s: %s" % (type(error).__name__, error)})

    def _started(self, newcomer, pid):
        child = Worker(pid, self._control, newcomer.number, protocol.Channel(newcomer.ours), newcomer.settings)
        self._children.add(child)
        self._waiting.starts(child.number)
        self._selector.register(child.channel, selectors.EVENT_READ, lambda _: self._serve_worker(child))
        identity = newcomer.process_object.identity
        self._control.send(
            {
                "type": "started",
                "worker": child.number,
                "pid": pid,
                "identity": identity.decode("utf-8", "surrogateescape"),
                "farewell": base64.b64encode(self._release.farewell(identity)).decode("ascii"),
            }
        )

    def _on_ping(self, message):
        self._control.send({"type": "pong"})

    def _on_reap(self, message):
        child = self._children.reap(message["pid"], self._control)
        if child is not None:
            self._drop(child)

    # The workers' side.

    def _serve_worker(self, child):
        try:
            child.channel.fill()
            for message in child.channel.pending():
                self._on_worker_message(child, message)
        except (EOFError, OSError, LookupError, TypeError, ValueError, protocol.ProtocolError):
            self._drop(child)  # its end, or something else than our code on its side: not the other workers' trouble

    def _on_worker_message(self, child, message):
        kind = message["type"]
        if kind == "fork":
            self._waiting.put((child, base64.b64decode(message["process"])))
        elif kind == "reap":
            self._children.reap(message["pid"], child.channel)
        elif kind in ("registered", "busy", "idle"):
            self._waiting.arrives(child.number)
            self._control.send({"type": kind, "worker": child.number})
        elif kind == "socket":
            child.sockets.append(message["path"])
            self._control.send({"type": "socket", "pid": child.pid, "path": message["path"]})
        else:
            raise protocol.ProtocolError("a worker says %r" % kind)

    def _serve_waiting(self):
        requests = self._waiting.due(BATCH)
        while requests:
            # Not those of workers that died while they waited.
            self._fork_processors([(owner, pickled) for owner, pickled in requests if not owner.channel.closed])
            requests = self._waiting.due(BATCH)

    def _fork_processors(self, requests):
        jobs = [launch.processor_job(pickled, owner.pid, owner.settings, self._prepare) for owner, pickled in requests]
        for (owner, _), pid in zip(requests, fork.fork(jobs, self._descriptors())):
            if isinstance(pid, int):
                self._children.add(Child(pid, owner.channel))
                self._answer(owner, {"type": "forked", "pid": pid})
            else:
                self._answer(owner, {"type": "refused", "error": "cannot fork: %s" % pid})

    def _answer(self, child, message):
        try:
            child.channel.send(message)
        except OSError:
            self._drop(child)

    def _drop(self, child):
        """A worker has closed its channel: its processors are nobody's now."""
        if child.channel.closed:
            return
        self._waiting.arrives(child.number)
        self._selector.unregister(child.channel)
        self._children.disown(child.channel)
        child.channel.close()

    # Ends.

    def _serve_ends(self, wakeup):
        try:
            while wakeup.recv(4096):
                pass
        except BlockingIOError:
            pass
        for child, status in self._children.notice_ends():
            try:
                child.owner.send({"type": "exited", "pid": child.pid, "status": status})
            except OSError:
                if child.owner is self._control:
                    raise

    def _descriptors(self):
        """All that are the host's alone, and must be open in none of its children."""
        own = [self._selector.fileno(), self._control.fileno()] + [end.fileno() for end in self._wakeup]
        return own + [child.channel.fileno() for child in self._children.workers() if not child.channel.closed]


def main(channel, sources):
    return Server(protocol.Channel.from_descriptor(channel), sources).run()
