"""Everything that depends on the installed Scaler, and nothing else does.

Read from the releases 1.26.0 to 2.9.0. Names that moved between them are tried newest first.
"""

import asyncio
import contextlib
import importlib
import importlib.util
import inspect
import logging
import struct
import sys

from . import loggers, section

# Where the native manager stands: from 2.9.0, and before.
NATIVE_MODULES = ("scaler.worker_manager.native.worker_manager", "scaler.worker_manager_adapter.baremetal.native")
# What a worker or a processor imports only once it runs; imported here it is shared by all of them.
LATE_IMPORTS = (
    "asyncio",
    "encodings.idna",
    "logging.config",
    "logging.handlers",
    "multiprocessing.connection",
    "multiprocessing.popen_spawn_posix",
    "multiprocessing.spawn",
    "multiprocessing.synchronize",
    "scaler.client.serializer.default",
    "tblib.pickling_support",
    "scaler.io.network_backends",
    "scaler.io.zmq_async_binder",
    "scaler.io.zmq_async_connector",
    "scaler.io.zmq_sync_connector",
    "scaler.io.ymq_async_connector",
    "scaler.io.ymq_sync_connector",
    "scaler.io.ymq_async_object_storage_connector",
    "scaler.io.ymq_sync_object_storage_connector",
    "zmq.asyncio",
)
# How long a worker must have been without a task to count as idle.
IDLE_SECONDS = 0.05
MEMBERS = ("heartbeat", "echo", "command", "response")
MEMBER_CLASSES = (
    "WorkerManagerHeartbeat",
    "WorkerManagerHeartbeatEcho",
    "WorkerManagerCommand",
    "WorkerManagerCommandResponse",
)


class Release:
    """The installed Scaler. Making one imports it; ImportError when there is none."""

    def __init__(self):
        self.native = self._import_native()
        self.worker_module = importlib.import_module("scaler.worker.worker")
        self.processor_module = importlib.import_module("scaler.worker.agent.processor.processor")
        self.heartbeat_module = importlib.import_module("scaler.worker.agent.heartbeat_manager")
        self.task_module = importlib.import_module("scaler.worker.agent.task_manager")
        for name in LATE_IMPORTS:
            with contextlib.suppress(ImportError):  # a release has some of them, not all
                importlib.import_module(name)
        self.version = importlib.import_module("scaler.about").__version__

    @staticmethod
    def _import_native():
        importlib.import_module("scaler")
        for name in NATIVE_MODULES:
            try:
                return importlib.import_module(name)
            except ModuleNotFoundError as error:
                if error.name is None or not name.startswith(error.name):
                    raise
        raise ImportError("no module of the native worker manager (looked for %s)" % " and ".join(NATIVE_MODULES))

    def transport(self):
        """ "zmq" or "ymq": what this release speaks when nothing else is asked for."""
        default = importlib.import_module("scaler.config.defaults").SCALER_NETWORK_BACKEND.name
        return "zmq" if default == "tcp_zmq" else default

    def transports(self):
        """The values that SCALER_NETWORK_BACKEND may have here, by transport. Without pyzmq there is no ZMQ."""
        values = {}
        for member in type(importlib.import_module("scaler.config.defaults").SCALER_NETWORK_BACKEND):
            transport = "zmq" if member.name == "tcp_zmq" else member.name
            if transport != "zmq" or importlib.util.find_spec("zmq") is not None:
                values[transport] = member.name
        return values

    def tags(self):
        """The union tags that the installed schema gives the manager's messages, read from serialised ones."""
        tags = {}
        for member, name in zip(MEMBERS, MEMBER_CLASSES):
            with contextlib.suppress(ImportError, AttributeError):
                tags[member] = _tag(self._serialise(name))
        return tags

    @staticmethod
    def _serialise(name):
        serialise = importlib.import_module("scaler.io.utility").serialize
        if importlib.util.find_spec("scaler.protocol.python") is None:  # from 2.0
            return serialise(getattr(importlib.import_module("scaler.protocol.capnp"), name)())
        messages = importlib.import_module("scaler.protocol.python.message")
        member = messages.PROTOCOL.inverse[getattr(messages, name)]
        return importlib.import_module("scaler.protocol.capnp._python")._message.Message(**{member: {}}).to_bytes()

    def worker_factory(self, options):
        """A function that makes a `Worker` as the release's own manager would, and the options that it does not know.

        `options` maps Scaler's field names to values; None is left out. ValueError says what the release rejects.
        """
        config_module = importlib.import_module("scaler.config.section.native_worker_manager")
        config_class = config_module.NativeWorkerManagerConfig
        config, unknown = section.parse(config_class, options)
        # Every worker would end with a traceback about it.
        if options.get("event_loop") == "uvloop" and importlib.util.find_spec("uvloop") is None:
            raise ValueError("the event loop uvloop needs the package uvloop, which is not installed")
        maker = getattr(self.native, "NativeWorkerProvisioner", None) or self.native.NativeWorkerManager
        return maker(config)._create_worker, unknown

    def log_formats(self, process_name):
        """The formats of a line on screen and in a file, and the names of the levels."""
        utility = importlib.import_module("scaler.utility.logging.utility")
        generate = vars(utility)["__generate_log_config"]
        formatters = generate(*([process_name] if inspect.signature(generate).parameters else []))["formatters"]
        # The level names are set on the way of a set-up; at this level it says nothing itself.
        utility.setup_logger(("/dev/stdout",), logging_level="CRITICAL")
        levels = {level: logging.getLevelName(level) for level in (10, 20, 30, 40, 50)}
        return {
            "screen": formatters["standard"]["format"],
            "file": formatters["verbose"]["format"],
            "levels": {str(level): name for level, name in levels.items()},
        }

    @staticmethod
    def share_loggers():
        """Have the loggers that a worker begins with set up here; what is not as expected is left to the workers."""
        with contextlib.suppress(Exception):
            loggers.share(importlib.import_module("scaler.utility.logging.utility").setup_logger)

    @staticmethod
    def share_exception_pickling():
        """Have tblib's support for pickling tracebacks installed once, here, and not again in every child.

        It goes through all exception classes, and so costs each child the copy of a hundred pages. Classes that
        come later, with a task's modules, are not seen by it upstream either.
        """
        with contextlib.suppress(ImportError, AttributeError):
            support = importlib.import_module("tblib.pickling_support")
            install = support.install
            install()
            support.install = lambda *classes, **options: install(*classes, **options) if classes or options else None

    def report_registration(self, report):
        """Call `report` in a worker as soon as the scheduler has answered its first heartbeat."""
        manager = self.heartbeat_module.VanillaHeartbeatManager
        on_echo = manager.on_heartbeat_echo

        async def on_heartbeat_echo(self, heartbeat):
            if not getattr(self, "_scaler_native_registered", False):
                self._scaler_native_registered = True
                report()
            return await on_echo(self, heartbeat)

        manager.on_heartbeat_echo = on_heartbeat_echo

    def report_load(self, report):
        """Call `report` in a worker with whether it has tasks, when that changes.

        A worker that is fed without a pause is busy all the time: it counts as idle only when it had no task
        for IDLE_SECONDS, so that a stream of short tasks costs no messages.
        """
        manager = self.task_module.VanillaTaskManager

        def tasks(self):
            return len(self._processing_task_ids) + self.get_queued_size()

        def look(self):
            self._scaler_native_look = None
            if not tasks(self):
                self._scaler_native_busy = False
                report(False)

        def before(method):
            async def on_task_new(self, task):
                if not getattr(self, "_scaler_native_busy", False):
                    self._scaler_native_busy = True
                    report(True)
                return await method(self, task)

            return on_task_new

        def after(method):
            async def on_task_end(self, message):
                try:
                    return await method(self, message)
                finally:
                    if getattr(self, "_scaler_native_busy", False) and not tasks(self):
                        if getattr(self, "_scaler_native_look", None) is None:
                            loop = asyncio.get_running_loop()
                            self._scaler_native_look = loop.call_later(IDLE_SECONDS, look, self)

            return on_task_end

        manager.on_task_new = before(manager.on_task_new)
        manager.on_task_result = after(manager.on_task_result)
        manager.on_cancel_task = after(manager.on_cancel_task)

    def farewell(self, identity):
        """The message by which a worker tells the scheduler that it goes, as a frame."""
        capnp = importlib.util.find_spec("scaler.protocol.python") is None  # from 2.0
        module = importlib.import_module("scaler.protocol.capnp" if capnp else "scaler.protocol.python.message")
        serialise = importlib.import_module("scaler.io.utility").serialize
        notification = getattr(module, "WorkerDisconnectNotification", None)
        if notification is not None:  # from 2.7 or later; who it is about is who it is from
            return serialise(notification())
        request = module.DisconnectRequest
        return serialise(request(worker=identity) if capnp else request.new_msg(identity))

    def watch_sockets(self, report):
        """Call `report` with the path of the socket that a worker is about to make for its processors.

        A worker that is killed leaves it behind; somebody else has to know the path.
        """
        with contextlib.suppress(ImportError):  # from 2.0; before that the path is an attribute of the worker
            backends = importlib.import_module("scaler.io.network_backends")
            for name in ("ZMQNetworkBackend", "YMQNetworkBackend"):
                backend = getattr(backends, name, None)
                if backend is not None:
                    backend.create_internal_address = staticmethod(_reporting(backend.create_internal_address, report))

    @staticmethod
    def socket_path(worker):
        """Where a worker of a release before 2.0 will make its socket; None from 2.0 on."""
        return getattr(worker, "_address_path_internal", None)


def _reporting(create_internal_address, report):
    def create(*arguments, **keywords):
        address = create_internal_address(*arguments, **keywords)
        if address.type.value == "ipc":
            report(address.host)
        return address

    return create


def _tag(frame):
    """The discriminant of the outermost union of a Cap'n Proto frame with one segment."""
    segments, words = struct.unpack_from("<II", frame)
    (root,) = struct.unpack_from("<Q", frame, 8)
    if segments != 0 or root & 3 or not (root >> 32) & 0xFFFF:
        raise ValueError("the frame does not begin with a struct that has data")
    return struct.unpack_from("<H", frame, 8 + 8 * (1 + ((root & 0xFFFFFFFF) >> 2)))[0]
