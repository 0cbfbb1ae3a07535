"""All that depends on the installed release of Scaler, apart from reports.py.

It covers the releases 1.26.0 to 2.9.0. Where a module or name has moved between them, the newest is tried first.
"""

import contextlib
import importlib
import importlib.util
import inspect
import logging
import os

from . import loggers, schema, section

# The module of the native worker manager, from 2.9.0 on and before.
NATIVE_MODULES = ("scaler.worker_manager.native.worker_manager", "scaler.worker_manager_adapter.baremetal.native")
# Modules that workers and processors import late. The host imports them early, so that all share them.
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
# Those that depend on the transport.
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
    """The installed release. Creating the object imports Scaler. ImportError if it is missing or unknown."""

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
        """The release's default transport: "zmq" or "ymq"."""
        default = importlib.import_module("scaler.config.defaults").SCALER_NETWORK_BACKEND.name
        return "zmq" if default == "tcp_zmq" else default

    def import_transport(self):
        """Import what workers need for the transport that the environment selects."""
        chosen = os.environ.get("SCALER_NETWORK_BACKEND") or self.transport()
        _import_some(TRANSPORT_IMPORTS["zmq" if "zmq" in chosen else "ymq"])

    def transports(self):
        """The usable values of SCALER_NETWORK_BACKEND by transport. Without pyzmq, ZMQ is not among them."""
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
            with contextlib.suppress(ImportError, AttributeError, LookupError):
                installed = schema.installed()
                tags[member] = schema.tag(installed.frame(name[0].lower() + name[1:], installed.make(name)))
        return tags

    def worker_factory(self, options):
        """Returns a function that makes a `Worker` as the release's own manager does, and the names of unknown options.

        `options` maps the names of Scaler's fields to values; None is left out. ValueError says what the release
        rejects.
        """
        config_module = importlib.import_module("scaler.config.section.native_worker_manager")
        config_class = config_module.NativeWorkerManagerConfig
        config, unknown = section.parse(config_class, options)
        # Otherwise every worker would end with a traceback.
        if options.get("event_loop") == "uvloop" and importlib.util.find_spec("uvloop") is None:
            raise ValueError("the event loop uvloop needs the package uvloop, which is not installed")
        maker = getattr(self.native, "NativeWorkerProvisioner", None) or self.native.NativeWorkerManager
        return maker(config)._create_worker, unknown

    def log_formats(self, process_name):
        """The formats of log lines on screen and in files, and the names of the levels."""
        utility = importlib.import_module("scaler.utility.logging.utility")
        generate = vars(utility)["__generate_log_config"]
        formatters = generate(*([process_name] if inspect.signature(generate).parameters else []))["formatters"]
        # This sets the names of the levels. At this level it logs nothing itself.
        utility.setup_logger(("/dev/stdout",), logging_level="CRITICAL")
        levels = {level: logging.getLevelName(level) for level in (10, 20, 30, 40, 50)}
        return {
            "screen": formatters["standard"]["format"],
            "file": formatters["verbose"]["format"],
            "levels": {str(level): name for level, name in levels.items()},
        }

    @staticmethod
    def share_loggers():
        """Configure the loggers of workers here, if the release does that as expected. Otherwise workers do it."""
        with contextlib.suppress(Exception):
            loggers.share(importlib.import_module("scaler.utility.logging.utility").setup_logger)

    @staticmethod
    def share_exception_pickling():
        """Install tblib's pickling of tracebacks once, here, and not in every child.

        The installation visits all exception classes, which costs a child the copies of a hundred pages. Upstream, too,
        it does not see the classes that tasks import later.
        """
        with contextlib.suppress(ImportError, AttributeError):
            support = importlib.import_module("tblib.pickling_support")
            install = support.install
            install()
            support.install = lambda *classes, **options: install(*classes, **options) if classes or options else None

    def disconnect_frame(self, identity):
        """The frame by which a worker disconnects from the scheduler."""
        capnp = importlib.util.find_spec("scaler.protocol.python") is None  # from 2.0 on
        module = importlib.import_module("scaler.protocol.capnp" if capnp else "scaler.protocol.python.message")
        serialise = importlib.import_module("scaler.io.utility").serialize
        notification = getattr(module, "WorkerDisconnectNotification", None)
        if notification is not None:  # from 2.7 or later on; the sender is the worker
            return serialise(notification())
        request = module.DisconnectRequest
        return serialise(request(worker=identity) if capnp else request.new_msg(identity))

    @staticmethod
    def socket_path(worker):
        """The path of the socket file that a worker of a release before 2.0 will create; None from 2.0 on."""
        return getattr(worker, "_address_path_internal", None)


def _import_some(names):
    """Import those of the modules that the release has."""
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
