"""The worker host's event loop: it starts workers, reports their ends, and reaps them when it is told to.

The manager owns the workers' pids. A worker that has ended stays a zombie until the manager says `reap`, so a pid that
the manager still uses never belongs to another process.
"""

import base64
import collections
import os
import selectors
import signal
import socket
import tempfile
import traceback

from . import channels, facts, fork, immortal, interpreter, launch, native, protocol, stacks, threads, worker
from .children import Child, Children
from .gate import Gate
from .outbox import Outbox
from .release import Release
from .spares import SpareWorkers
from .tracker import Tracker

# How many workers are forked in a row before the manager is told.
BATCH = 16
# How many starts may wait for their turn. The host refuses more.
STARTS_LIMIT = 1 << 16


class Server:
    def __init__(self, control, sources):
        self._control = control
        self._outbox = Outbox(control.socket)
        self._configured = False
        self._starts = collections.deque()
        self._children = Children()
        self._gate = Gate()
        self._launcher = launch.Launcher(sources, self._gate)
        self._tracker = Tracker()
        self._selector = selectors.DefaultSelector()
        self._wakeup = socket.socketpair()
        self._channels = channels.Channels(self._outbox, self._selector, self._gate, self._drop)
        self._native = native.Workers(self._outbox, self._selector, self._drop)
        self._spares = SpareWorkers(self._children, self._native, self._launcher)

    def run(self):
        for end in self._wakeup:
            end.setblocking(False)
        self._control.socket.setblocking(False)
        signal.set_wakeup_fd(self._wakeup[1].fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # without a handler nothing is written to the wake-up descriptor
        # A service manager signals every process of a unit; the host must live on to report how its workers end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._selector.register(self._control, selectors.EVENT_READ, self._serve_manager)
        self._selector.register(self._wakeup[0], selectors.EVENT_READ, self._serve_ends)
        try:
            while True:
                for key, events in self._selector.select(0 if self._starts else None):
                    if events & selectors.EVENT_READ or key.fileobj is not self._control:
                        key.data(key.fileobj)
                self._start_batch()
                waits = selectors.EVENT_WRITE if self._outbox.flush() else 0
                self._selector.modify(self._control, selectors.EVENT_READ | waits, self._serve_manager)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass  # the manager has ended, and no worker may outlive it
        finally:
            self._children.kill_all()
        return 0

    # Messages of the manager.

    def _serve_manager(self, control):
        control.fill()
        for message in control.pending():
            handler = getattr(self, "_on_" + message["type"], None) or getattr(self._native, "on_" + message["type"])
            handler(message)

    def _on_hello(self, message):
        if message["version"] != protocol.VERSION:
            raise protocol.ProtocolError("the manager has version %r, not %d" % (message["version"], protocol.VERSION))
        launcher = self._launcher
        launcher.prepare = message.get("prepare", {})
        interpreter.become_main_program(message["argv"], message.get("path", []))
        # The first call looks for the folder and writes a file there: a worker that is killed in it would leave that.
        try:
            tempfile.gettempdir()
        except OSError as error:
            self._outbox.put({"type": "failed", "error": "%s; set TMPDIR" % error.strerror, "machine": True})
            return
        try:
            launcher.release = Release()
        except Exception as error:
            if not isinstance(error, ImportError):
                traceback.print_exc()
            self._outbox.put({"type": "failed", "error": "cannot import Scaler: %s" % error})
            return
        failed, warnings = interpreter.warm(message["imports"])
        worker.prepare(launcher.release)
        fork.raise_descriptor_limit()
        launcher.no_fork = threads.lost()
        if not launcher.no_fork:
            stacks.prepare()
        about = {"no_fork": launcher.no_fork, "not_imported": failed, "warnings": warnings}
        self._outbox.put(dict(facts.ready(launcher.release, message["process_name"]), **about))

    def _on_configure(self, message):
        launcher = self._launcher
        release, no_fork = launcher.release, launcher.no_fork
        before = dict(os.environ)
        os.environ.update(message["environment"])
        try:
            make_worker, unknown = release.worker_factory(message["options"])
            mode = None
            if message.get("agent") == native.NAME:
                mode = native.Mode(release, message["processors"], no_fork)
            release.import_transport()
        except Exception as error:  # running workers go on with the former configuration
            os.environ.clear()
            os.environ.update(before)
            self._outbox.put({"type": "failed", "error": "Scaler %s: %s" % (release.version, error)})
            return
        launcher.make_worker, launcher.mode = make_worker, mode
        self._spares.drop()  # they have the former configuration
        first, self._configured = not self._configured, True
        if first:
            release.share_loggers()
        mortal = interpreter.settle(not no_fork)  # each time: another transport may have been imported
        if first:
            self._tracker.start(forking=not no_fork)
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
            self._outbox.put(self._spares.make(message["settings"], self._descriptors()))

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

    def _start_batch(self):
        """Start the next workers. Those that are forked one right after the other share more memory."""
        pending = []
        while self._starts and len(pending) < BATCH:
            message = self._starts.popleft()
            spare = self._spares.take(message["worker"], message["settings"])
            if spare is not None:
                self._report_start(*spare)
                continue
            try:
                pending.append(self._launcher.pending(message["worker"], message["settings"]))
            except Exception as error:
                self._refuse(message["worker"], error)
        if not pending:
            return
        for new, pid in zip(pending, self._launcher.launch(pending, self._descriptors())):
            new.theirs.close()
            if isinstance(pid, int):
                self._add(new, pid)
            else:
                new.close()
                self._refuse(new.number, pid)

    def _refuse(self, number, error):
        self._gate.settled(number)
        self._outbox.put({"type": "refused", "worker": number, "error": "%s: %s" % (type(error).__name__, error)})

    def _add(self, pending, pid):
        child = Child(pid, pending.number, self._launcher.channel(pending), native=self._launcher.mode is not None)
        self._children.add(child)
        (self._native if child.native else self._channels).add(child)
        self._report_start(child, pending)

    def _report_start(self, child, pending):
        identity = pending.process_object.identity
        self._outbox.put(
            {
                "type": "started",
                "worker": child.number,
                "pid": child.pid,
                "identity": identity.decode("utf-8", "surrogateescape"),
                "disconnect": base64.b64encode(self._launcher.release.disconnect_frame(identity)).decode("ascii"),
            }
        )

    # Ends.

    def _drop(self, child):
        """Close the channel of a worker, which ends when that does."""
        if not child.channel.closed:
            self._gate.settled(child.number)
            self._outbox.forget(child.number)
            self._native.forget(child)
            self._selector.unregister(child.channel)
            child.channel.close()

    def _serve_ends(self, wakeup):
        try:
            while wakeup.recv(4096):
                pass
        except BlockingIOError:
            pass
        for child, status in self._children.notice_ends():
            if child.native:
                self._native.serve(child)  # its last messages come before its end
            if child.number:
                self._outbox.put({"type": "exited", "pid": child.pid, "status": status})
            else:
                self._drop(child)
                self._outbox.put(self._spares.ended(child))
        self._tracker.replace()

    def _descriptors(self):
        """The host's own descriptors, which must not be open in a child."""
        own = [self._selector.fileno(), self._control.fileno()] + [end.fileno() for end in self._wakeup]
        own += self._gate.descriptors() + self._tracker.descriptors()
        return own + [child.channel.fileno() for child in self._children if not child.channel.closed]


def main(channel, sources):
    immortal.rehearse()
    return Server(protocol.Channel.from_descriptor(channel), sources).run()
