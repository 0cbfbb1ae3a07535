"""The loop of the worker host: forks workers on request, tells of their ends, reaps them when it is told to.

The manager owns the pids of the workers: one that has ended stays a zombie until
the manager says `reap`, so a number that it still uses is never somebody else's.
"""

import base64
import collections
import os
import selectors
import signal
import socket
import sys
import traceback

from . import facts, fork, immortal, interpreter, launch, lean, line, native, protocol, stacks, worker
from .children import Child, Children
from .gate import Gate
from .outbox import Outbox
from .release import Release
from .spares import SpareWorkers
from .tracker import Tracker

# How many workers are forked in a row, before anybody is told of them.
BATCH = 16
# The most starts that wait for their turn; the manager that asks for more is refused the rest.
STARTS_LIMIT = 1 << 16
# A worker has one socket in each of its transports.
SOCKETS_LIMIT = 16


class Server:
    def __init__(self, control, sources):
        self._control = control
        self._sources = sources
        self._outbox = Outbox(control.socket)
        self._release = None
        self._make_worker = None
        self._configured = False
        self._no_fork = ""
        self._prepare = {}
        self._starts = collections.deque()
        self._children = Children()
        self._gate = Gate()
        self._tracker = Tracker()
        self._selector = selectors.DefaultSelector()
        self._wakeup = socket.socketpair()
        self._mode = None  # native.Mode, when workers have their agent in the manager
        self._native = native.Workers(self._outbox, self._selector, self._drop)
        self._spares = SpareWorkers(self._children, self._native)

    def run(self):
        for end in self._wakeup:
            end.setblocking(False)
        self._control.socket.setblocking(False)
        signal.set_wakeup_fd(self._wakeup[1].fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # the wake-up descriptor does the work
        # A service manager signals every process of a unit; this one must stay to tell the manager of the ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._selector.register(self._control, selectors.EVENT_READ, self._serve_manager)
        self._selector.register(self._wakeup[0], selectors.EVENT_READ, self._serve_ends)
        try:
            while True:
                for key, events in self._selector.select(0 if self._starts else None):
                    if events & selectors.EVENT_READ or key.fileobj is not self._control:
                        key.data(key.fileobj)
                self._start_some()
                waits = selectors.EVENT_WRITE if self._outbox.flush() else 0
                self._selector.modify(self._control, selectors.EVENT_READ | waits, self._serve_manager)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass  # the manager is gone: nobody may outlive it
        finally:
            self._children.kill_all()
        return 0

    # The manager's side.

    def _serve_manager(self, control):
        control.fill()
        for message in control.pending():
            handler = getattr(self, "_on_" + message["type"], None) or getattr(self._native, "on_" + message["type"])
            handler(message)

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
            self._outbox.put({"type": "failed", "error": "cannot import Scaler: %s" % error})
            return
        failed, warnings = interpreter.warm(message["imports"])
        worker.prepare(self._release)
        fork.raise_descriptor_limit()
        self._no_fork = fork.has_threads()
        if not self._no_fork:
            stacks.prepare()
        about = {"no_fork": self._no_fork, "not_imported": failed, "warnings": warnings}
        self._outbox.put(dict(facts.ready(self._release, message["process_name"]), **about))

    def _on_configure(self, message):
        before = dict(os.environ)
        os.environ.update(message["environment"])
        try:
            make_worker, unknown = self._release.worker_factory(message["options"])
            mode = None
            if message.get("agent") == native.NAME:
                mode = native.Mode(self._release, message["processors"], self._no_fork)
            self._release.import_transport()
        except Exception as error:  # the workers that there are go on
            os.environ.clear()
            os.environ.update(before)
            self._outbox.put({"type": "failed", "error": "Scaler %s: %s" % (self._release.version, error)})
            return
        self._make_worker, self._mode = make_worker, mode
        self._spares.drop()  # they are of the former configuration
        first, self._configured = not self._configured, True
        if first:
            self._release.share_loggers()
        mortal = interpreter.settle(not self._no_fork)  # each time: another transport may have been imported
        if first:
            self._tracker.start(forking=not self._no_fork)
        self._outbox.put({"type": "configured", "unknown": unknown, **({"mortal": mortal} if mortal else {})})

    def _on_start(self, message):
        if len(self._starts) < STARTS_LIMIT:
            self._starts.append(message)
        else:
            self._refuse(message["worker"], OverflowError("%d starts are waiting" % len(self._starts)))

    def _on_make_spare(self, message):
        if message.get("worker"):
            self._native.on_make_spare(message)
        else:
            self._outbox.put(self._spares.make(message["settings"], self._make_worker, self._mode, self._prepare, self._descriptors()))

    def _on_drop_spare(self, message):
        if message.get("worker"):
            self._native.on_drop_spare(message)
        else:
            self._spares.drop()

    def _on_ping(self, message):
        self._outbox.put({"type": "pong"})

    def _on_reap(self, message):
        child = self._children.reap(message["pid"])
        if child is not None:
            self._drop(child)

    # Starts.

    def _start_some(self):
        """Start the next workers: those that are forked one right after the other share more memory."""
        pending = []
        while self._starts and len(pending) < BATCH:
            message = self._starts.popleft()
            spare = self._spares.take(message["worker"], message["settings"])
            if spare is not None:
                self._tell_started(*spare)
                continue
            try:
                pending.append(launch.PendingWorker(message["worker"], message["settings"], self._make_worker))
            except Exception as error:
                self._refuse(message["worker"], error)
        for new, pid in zip(pending, self._launch(pending)):
            new.theirs.close()
            if isinstance(pid, int):
                self._started(new, pid)
            else:
                new.close()
                self._refuse(new.number, pid)

    def _launch(self, pending):
        """Give them processes. Returns for each its pid, or why it has none."""
        if self._mode is not None:
            descriptors = [number for new in pending for number in new.descriptors()]
            jobs = [self._mode.job(new, self._prepare) for new in pending]
            return lean.fork_some(jobs, self._descriptors() + descriptors)
        for new in pending:
            self._gate.starts(new.number)
        if not self._no_fork:
            descriptors = [number for new in pending for number in new.descriptors()]
            jobs = [new.job(self._release, self._gate.descriptor, self._prepare) for new in pending]
            return fork.fork(jobs, self._descriptors() + descriptors)
        return [launch.spawn_worker(new, self._prepare, self._sources) for new in pending]

    def _refuse(self, number, error):
        self._gate.arrives(number)
        self._outbox.put({"type": "refused", "worker": number, "error": "%s: %s" % (type(error).__name__, error)})

    def _started(self, pending, pid):
        child = Child(pid, pending.number, protocol.Channel(pending.ours) if self._mode is None else line.Buffered(pending.ours))
        self._children.add(child)
        if self._mode is None:
            self._selector.register(child.channel, selectors.EVENT_READ, lambda _: self._serve_worker(child))
        else:
            child.native = True
            self._native.add(child)
        self._tell_started(child, pending)

    def _tell_started(self, child, pending):
        identity = pending.process_object.identity
        self._outbox.put(
            {
                "type": "started",
                "worker": child.number,
                "pid": child.pid,
                "identity": identity.decode("utf-8", "surrogateescape"),
                "disconnect": base64.b64encode(self._release.disconnect_frame(identity)).decode("ascii"),
            }
        )

    # The workers' side.

    def _serve_worker(self, child):
        try:
            child.channel.fill()
            for message in child.channel.pending():
                self._on_worker_message(child, message)
        except (EOFError, OSError, LookupError, TypeError, ValueError, protocol.ProtocolError):
            self._drop(child)  # its end, or something else than our code on its side: not the other workers' trouble

    def _on_worker_message(self, child, message):
        kind, number = message["type"], child.number
        if kind == "registered":
            self._gate.arrives(number)
            self._outbox.put({"type": kind, "worker": number})
        elif kind in ("busy", "idle"):
            self._outbox.put_state((number, "load"), {"type": kind, "worker": number})
        elif kind == "parent":
            self._outbox.put({"type": kind, "worker": number, "pid": int(message["pid"])})
        elif kind == "processor":
            pid = int(message["pid"])
            self._outbox.put_state((number, pid), {"type": kind, "worker": number, "pid": pid, "state": str(message["state"])})
        elif kind == "socket":
            if len(child.sockets) == SOCKETS_LIMIT:
                raise protocol.ProtocolError("a worker has more than %d sockets" % SOCKETS_LIMIT)
            child.sockets.append(os.fspath(message["path"]))
            self._outbox.put({"type": kind, "pid": child.pid, "path": message["path"]})
        else:
            raise protocol.ProtocolError("a worker says %r" % kind)

    def _drop(self, child):
        """A worker has closed its channel."""
        if not child.channel.closed:
            self._gate.arrives(child.number)
            self._outbox.forget(child.number)
            self._native.forget(child)
            self._selector.unregister(child.channel)
            child.channel.close()

    # Ends.

    def _serve_ends(self, wakeup):
        try:
            while wakeup.recv(4096):
                pass
        except BlockingIOError:
            pass
        for child, status in self._children.notice_ends():
            if child.native:
                self._native.serve(child)  # first what it had to tell
            if child.number:
                self._outbox.put({"type": "exited", "pid": child.pid, "status": status})
            else:
                self._drop(child)
                self._outbox.put(self._spares.ended(child))
        self._tracker.replace()

    def _descriptors(self):
        """All that are the host's alone, and must be open in none of its children, but for what each keeps."""
        own = [self._selector.fileno(), self._control.fileno()] + [end.fileno() for end in self._wakeup]
        own += self._gate.descriptors() + self._tracker.descriptors()
        return own + [child.channel.fileno() for child in self._children if not child.channel.closed]


def main(channel, sources):
    immortal.rehearse()
    return Server(protocol.Channel.from_descriptor(channel), sources).run()
