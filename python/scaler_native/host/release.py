"""What depends on the installed Scaler; what its workers report is in reports.py, and nothing else does.

Read from the releases 1.26.0 to 2.9.0. Names that moved between them are tried newest first.
"""

import contextlib
import importlib
import importlib.util
import inspect
import logging
import os
import struct

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
    "scaler.io.ymq_async_object_storage_connector",
    "scaler.io.ymq_sync_object_storage_connector",
)
# The same, by transport.
TRANSPORT_IMPORTS = {
    "zmq": (
        "scaler.io.zmq_async_binder",
        "scaler.io.zmq_async_connector",
        "scaler.io.zmq_sync_connector",
        "zmq.asyncio",
    ),
    "ymq": ("scaler.io.ymq_async_connector", "scaler.io.ymq_sync_connector"),
}
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
        self.holder_module = importlib.import_module("scaler.worker.agent.processor_holder")
        _import_some(LATE_IMPORTS)
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

    def import_transport(self):
        """Import what workers need for the transport that the environment asks for."""
        chosen = os.environ.get("SCALER_NETWORK_BACKEND") or self.transport()
        _import_some(TRANSPORT_IMPORTS["zmq" if "zmq" in chosen else "ymq"])

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
                tags[member] = tag(self._serialise(name))
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

    def disconnect_frame(self, identity):
        """The frame by which a worker tells the scheduler that it disconnects."""
        capnp = importlib.util.find_spec("scaler.protocol.python") is None  # from 2.0
        module = importlib.import_module("scaler.protocol.capnp" if capnp else "scaler.protocol.python.message")
        serialise = importlib.import_module("scaler.io.utility").serialize
        notification = getattr(module, "WorkerDisconnectNotification", None)
        if notification is not None:  # from 2.7 or later; who it is about is who it is from
            return serialise(notification())
        request = module.DisconnectRequest
        return serialise(request(worker=identity) if capnp else request.new_msg(identity))

    @staticmethod
    def socket_path(worker):
        """Where a worker of a release before 2.0 will make its socket; None from 2.0 on."""
        return getattr(worker, "_address_path_internal", None)


def _import_some(names):
    """Import modules of which a release has some, not all."""
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def tag(frame):
    """The discriminant of the outermost union of a Cap'n Proto frame with one segment."""
    segments, words = struct.unpack_from("<II", frame)
    (root,) = struct.unpack_from("<Q", frame, 8)
    if segments != 0 or root & 3 or not (root >> 32) & 0xFFFF:
        raise ValueError("the frame does not begin with a struct that has data")
    return struct.unpack_from("<H", frame, 8 + 8 * (1 + ((root & 0xFFFFFFFF) >> 2)))[0]
