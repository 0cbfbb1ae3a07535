"""Patches methods of the installed Scaler (1.26.0 to 2.9.0) so that workers report their state."""

import asyncio
import contextlib
import importlib

# A worker that has had no task for this time is idle.
IDLE_SECONDS = 0.05


def registration(release, report):
    """Have a worker call `report` when the scheduler answers its first heartbeat."""
    manager = release.heartbeat_module.VanillaHeartbeatManager
    on_echo = manager.on_heartbeat_echo

    async def on_heartbeat_echo(self, heartbeat):
        if not getattr(self, "_scaler_native_registered", False):
            self._scaler_native_registered = True
            report()
        return await on_echo(self, heartbeat)

    manager.on_heartbeat_echo = on_heartbeat_echo


def load(release, report):
    """Have a worker call `report` with whether it is busy, when that changes.

    It becomes idle only after IDLE_SECONDS without a task, so that a stream of short tasks causes no messages.
    """
    manager = release.task_module.VanillaTaskManager

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
                idle = getattr(self, "_scaler_native_busy", False) and not tasks(self)
                if idle and getattr(self, "_scaler_native_look", None) is None:
                    loop = asyncio.get_running_loop()
                    self._scaler_native_look = loop.call_later(IDLE_SECONDS, look, self)

        return on_task_end

    manager.on_task_new = before(manager.on_task_new)
    manager.on_task_result = after(manager.on_task_result)
    manager.on_cancel_task = after(manager.on_cancel_task)


def processors(release, report):
    """Have a worker call `report` with the pid and the new state of each of its processors."""
    holder = release.holder_module.ProcessorHolder
    start, suspend, resume, kill = holder.__init__, holder.suspend, holder.resume, holder.kill

    def __init__(self, *arguments, **keywords):
        start(self, *arguments, **keywords)
        report(self.pid(), "started")

    def suspending(self):
        # Before the fact, so that the manager does not take the processor for a running one.
        report(self.pid(), "suspended")
        return suspend(self)

    def resuming(self):
        done = resume(self)
        if done is not False:  # False: it has died (2.9.0; earlier releases do not check)
            report(self.pid(), "resumed")
        return done

    def killing(self):
        try:
            return kill(self)
        finally:
            report(self.pid(), "ended")

    holder.__init__, holder.suspend, holder.resume, holder.kill = __init__, suspending, resuming, killing


def sockets(report):
    """Have a worker call `report` with the path of the socket file that it will create for its processors.

    A killed worker leaves the file behind, so another process has to know its path.
    """
    with contextlib.suppress(ImportError):  # from 2.0 on; before, the path is an attribute of the worker
        backends = importlib.import_module("scaler.io.network_backends")
        for name in ("ZMQNetworkBackend", "YMQNetworkBackend"):
            backend = getattr(backends, name, None)
            if backend is not None:
                backend.create_internal_address = staticmethod(_reporting(backend.create_internal_address, report))


def _reporting(create_internal_address, report):
    def create(*arguments, **keywords):
        address = create_internal_address(*arguments, **keywords)
        if address.type.value == "ipc":
            report(address.host)
        return address

    return create
