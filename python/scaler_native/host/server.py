"""The loop of the worker host: forks on request, tells of ends, reaps when it is told to.

Whoever asked for a child owns its pid: the manager those of the workers, a worker
those of its processors. A child that has ended stays a zombie until its owner says
`reap`, so a number that an owner still uses is never somebody else's.
"""

import base64
import gc
import os
import selectors
import signal
import socket
import sys
import sysconfig
import traceback
import types
from multiprocessing import process, reduction, resource_tracker, spawn

from . import fork, protocol, settings, waiting, worker
from .release import Release


class Child:
    """A process that the host made. `owner` is the channel on which its end is told."""

    def __init__(self, pid, owner):
        self.pid = pid
        self.owner = owner
        self.ended = False


class Worker(Child):
    """A worker, with the channel on which it asks for processors, and what they are given of the machine."""

    def __init__(self, pid, owner, number, channel, given):
        super().__init__(pid, owner)
        self.number = number
        self.channel = channel
        self.settings = given
        self.sockets = []


class Server:
    def __init__(self, control, sources):
        self._control = control
        self._sources = sources
        self._release = None
        self._make_worker = None
        self._no_fork = ""
        self._prepare = {}
        self._children = {}
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
                for owner, pickled in self._waiting.due():
                    self._fork_processor(owner, pickled)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass  # the manager is gone: nobody may outlive it
        finally:
            self._kill_all()
        return 0

    # The manager's side.

    def _serve_manager(self, control):
        control.fill()
        for message in control.pending():
            getattr(self, "_on_" + message["type"])(message)

    def _on_hello(self, message):
        if message["version"] != protocol.VERSION:
            raise protocol.ProtocolError("the manager speaks version %r, not %d" % (message["version"], protocol.VERSION))
        self._prepare = message.get("prepare", {})
        _become_main_program(message["argv"], message.get("path", []))
        try:
            self._release = Release()
        except Exception as error:
            if not isinstance(error, ImportError):
                traceback.print_exc()
            self._control.send({"type": "failed", "error": "cannot import Scaler: %s" % error})
            return
        failed = _warm(message["imports"])
        worker.prepare(self._release)
        fork.raise_descriptor_limit()
        self._no_fork = fork.has_threads()
        # One for all, before the first fork, or every worker grows its own. Held open by all who inherit it.
        _start_resource_tracker()
        gc.collect()
        gc.freeze()
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
        self._control.send({"type": "configured", "unknown": unknown})

    def _on_start(self, message):
        number = message["worker"]
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:  # no descriptors left
            self._control.send({"type": "refused", "worker": number, "error": "cannot make its channel: %s" % error})
            return
        channel = protocol.Channel(ours)
        try:
            process_object = self._make_worker()
            start = self._spawn_worker if self._no_fork else self._fork_worker
            pid = start(process_object, protocol.Channel(theirs), channel, message["settings"])
        except Exception as error:
            channel.close()
            self._control.send({"type": "refused", "worker": number, "error": "%s: %s" % (type(error).__name__, error)})
            return
        finally:
            theirs.close()
        self._waiting.starts(number)
        child = self._children[pid] = Worker(pid, self._control, number, channel, message["settings"])
        self._selector.register(channel, selectors.EVENT_READ, lambda _: self._serve_worker(child))
        identity = process_object.identity
        self._control.send(
            {
                "type": "started",
                "worker": number,
                "pid": pid,
                "identity": identity.decode("utf-8", "surrogateescape"),
                "farewell": base64.b64encode(self._release.farewell(identity)).decode("ascii"),
            }
        )

    def _fork_worker(self, process_object, theirs, ours, given):
        def run():
            settings.apply(given)
            return worker.run(process_object, theirs, self._release, True)

        def release():
            ours.close()
            self._release_all()

        return fork.fork(run, 0, release)

    def _spawn_worker(self, process_object, theirs, ours, given):
        pickled = base64.b64encode(worker.pickled(process_object)).decode("ascii")
        text, write = os.pipe()
        descriptors = [theirs.fileno(), text]
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        arguments = [sys.executable, "-c", _boot_text(self._sources), "worker"] + [str(number) for number in descriptors]
        try:
            defaults = (signal.SIGINT, signal.SIGTERM)
            pid = os.posix_spawn(sys.executable, arguments, os.environ, setpgroup=0, setsigdef=defaults)
        finally:
            os.close(text)
        with os.fdopen(write, "wb") as stream:
            stream.write(self._sources)
        ours.send(
            {
                "type": "worker",
                "process": pickled,
                "argv": sys.argv,
                "path": sys.path,
                "prepare": self._prepare,
                "settings": given,
                "descriptors": fork.descriptor_limit(),
                "host": os.getpid(),
            }
        )
        return pid

    def _on_ping(self, message):
        self._control.send({"type": "pong"})

    def _on_reap(self, message):
        self._reap(self._children.get(message["pid"]), self._control)

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
            self._reap(self._children.get(message["pid"]), child.channel)
        elif kind in ("registered", "busy", "idle"):
            self._waiting.arrives(child.number)
            self._control.send({"type": kind, "worker": child.number})
        elif kind == "socket":
            child.sockets.append(message["path"])
        else:
            raise protocol.ProtocolError("a worker says %r" % kind)

    def _fork_processor(self, owner, pickled):
        if owner.channel.closed:  # it died while its request waited
            return

        def run():
            settings.apply(owner.settings)
            # As multiprocessing.spawn does around its load.
            process.current_process()._inheriting = True
            try:
                spawn.prepare(self._prepare)
                processor = reduction.ForkingPickler.loads(pickled)
            finally:
                del process.current_process()._inheriting
            # A task may be interrupted by SIGINT as in any Python program.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            return processor._bootstrap(parent_sentinel=worker._sentinel(os.getppid()))

        try:
            pid = fork.fork(run, owner.pid, self._release_all)
        except OSError as error:
            owner.channel.send({"type": "refused", "error": "cannot fork: %s" % error})
            return
        self._children[pid] = Child(pid, owner.channel)
        owner.channel.send({"type": "forked", "pid": pid})

    def _drop(self, child):
        """A worker has closed its channel: its processors are nobody's now."""
        if child.channel.closed:
            return
        self._waiting.arrives(child.number)
        self._selector.unregister(child.channel)
        for orphan in [other for other in self._children.values() if other.owner is child.channel]:
            _kill(orphan.pid)
            orphan.owner = None
            if orphan.ended:
                self._reap(orphan, None)
        child.channel.close()

    # Ends.

    def _serve_ends(self, wakeup):
        try:
            while wakeup.recv(4096):
                pass
        except BlockingIOError:
            pass
        for child in list(self._children.values()):
            if not child.ended:
                self._notice_end(child)

    def _notice_end(self, child):
        result = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if result is None:
            return
        child.ended = True
        status = result.si_status << 8 if result.si_code == os.CLD_EXITED else result.si_status
        if child.owner is None:
            self._reap(child, None)
            return
        try:
            child.owner.send({"type": "exited", "pid": child.pid, "status": status})
        except OSError:
            if child.owner is self._control:
                raise

    def _reap(self, child, owner):
        if child is None or child.owner is not owner or not child.ended:
            return
        os.waitpid(child.pid, 0)
        del self._children[child.pid]
        if isinstance(child, Worker):
            self._drop(child)
            for path in child.sockets:
                try:
                    os.unlink(path)
                except OSError:
                    pass

    def _kill_all(self):
        for child in self._children.values():
            _kill_group(child.pid) if isinstance(child, Worker) else _kill(child.pid)
        for child in list(self._children.values()):
            child.ended, child.owner = True, None
            self._reap(child, None)

    def _release_all(self):
        """In a new child: let go of all that is the host's."""
        self._selector.close()
        self._control.close()
        for end in self._wakeup:
            end.close()
        for child in self._children.values():
            if isinstance(child, Worker):
                child.channel.close()
        self._children.clear()


def _start_resource_tracker():
    # It warns of every semaphore of a processor that was killed, and then removes it, which is its job.
    sys.warnoptions.append("ignore::UserWarning:multiprocessing.resource_tracker")
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions.pop()


def _become_main_program(argv, path):
    """What a task sees of the program that it runs in, as under Scaler's own manager.

    There sys.path begins with the folder of the program and the main module is one without
    a name (multiprocessing's spawn runs it as __mp_main__). A Python program that became
    the manager tells its own path.
    """
    sys.argv = argv
    if path:
        sys.path[:] = path
    elif sys.path and sys.path[0] == "":
        sys.path[0] = sysconfig.get_path("scripts")
    main = types.ModuleType("__mp_main__")
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main


def _warm(names):
    """Import what the user wants shared by all processors. Returns what could not be, by name."""
    failed = {}
    for name in names:
        try:
            __import__(name)
        except (Exception, SystemExit) as error:
            failed[name] = "%s: %s" % (type(error).__name__, error)
    return failed


def _boot_text(sources):
    import json

    return json.loads(sources)["scaler_native/host/boot.py"]


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        _kill(pid)


def main(channel, sources):
    return Server(protocol.Channel.from_descriptor(channel), sources).run()
