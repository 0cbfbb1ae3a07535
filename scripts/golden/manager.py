"""Frames between a worker manager and the scheduler, made by the classes of the installed Scaler."""

import importlib
import importlib.metadata

from scaler.io.utility import deserialize, serialize

from .manager_messages import DESIRES, HEARTBEATS, LOST, MANAGERS, ORDERS, RESPONSES
from .values import data, tag_of, text, write


class PycapnpClasses:
    """Scaler 1.26 and 1.27: wrapper classes around pycapnp."""

    def __init__(self):
        from scaler.protocol.python import message

        self.message = message
        self.answers, self.orders, self.desires, self.loses = True, True, False, False

    def member(self, enumeration, name):
        return getattr(enumeration, name[0].upper() + name[1:])

    def heartbeat(self, values):
        capabilities = {text(name): value for name, value in values["capabilities"]}
        return self.message.WorkerManagerHeartbeat.new_msg(
            values["max_task_concurrency"], capabilities, data(values["manager_id"])
        )

    def echo(self, values):
        return self.message.WorkerManagerHeartbeatEcho.new_msg()

    def command(self, values):
        return self.message.WorkerManagerCommand.new_msg(
            worker_ids=[data(worker_id) for worker_id in values["worker_ids"]],
            command=self.member(self.message.WorkerManagerCommandType, values["action"]),
            capabilities=dict(values["capabilities"]),
        )

    def response(self, values):
        return self.message.WorkerManagerCommandResponse.new_msg(
            command=self.member(self.message.WorkerManagerCommandType, values["action"]),
            status=self.member(self.message.WorkerManagerCommandResponse.Status, values["status"]),
            worker_ids=[data(worker_id) for worker_id in values["worker_ids"]],
            capabilities=dict(values["capabilities"]),
        )


class NativeClasses:
    """Scaler 2.0 and newer: classes of a native module. They get the arguments that Scaler's own callers pass."""

    def __init__(self):
        from scaler.protocol import capnp, helpers

        self.capnp = capnp
        self.answers = hasattr(capnp, "WorkerManagerCommandResponse")
        self.orders = hasattr(capnp, "WorkerManagerCommandType")
        self.desires = hasattr(capnp.WorkerManagerCommand, "DesiredTaskConcurrencyRequest")
        self.loses = not hasattr(helpers, "dict_to_capabilities")

    def capabilities(self, pairs):
        return [self.capnp.TaskCapability(name=text(name), value=value) for name, value in pairs]

    def heartbeat(self, values):
        return self.capnp.WorkerManagerHeartbeat(
            maxTaskConcurrency=values["max_task_concurrency"],
            capabilities=self.capabilities(values["capabilities"]),
            workerManagerID=data(values["manager_id"]),
        )

    def echo(self, values):
        return self.capnp.WorkerManagerHeartbeatEcho()

    def command(self, values):
        if "requests" not in values:
            return self.capnp.WorkerManagerCommand(
                workerIDs=[data(worker_id) for worker_id in values["worker_ids"]],
                command=getattr(self.capnp.WorkerManagerCommandType, values["action"]),
                capabilities=values.get("given") or self.capabilities(values["capabilities"]),
            )
        requests = [
            self.capnp.WorkerManagerCommand.DesiredTaskConcurrencyRequest(
                taskConcurrency=request["task_concurrency"], capabilities=self.capabilities(request["capabilities"])
            )
            for request in values["requests"]
        ]
        if not self.orders:
            return self.capnp.WorkerManagerCommand(setDesiredTaskConcurrencyRequests=requests)
        return self.capnp.WorkerManagerCommand(
            workerIDs=[],
            command=self.capnp.WorkerManagerCommandType.setDesiredTaskConcurrency,
            capabilities=[],
            setDesiredTaskConcurrencyRequests=requests,
        )

    def response(self, values):
        return self.capnp.WorkerManagerCommandResponse(
            command=getattr(self.capnp.WorkerManagerCommandType, values["action"]),
            status=getattr(self.capnp.WorkerManagerCommandResponse.Status, values["status"]),
            workerIDs=[data(worker_id) for worker_id in values["worker_ids"]],
            capabilities=self.capabilities(values["capabilities"]),
        )


def installed_classes():
    try:
        return PycapnpClasses()
    except ImportError:
        return NativeClasses()


def desired_count():
    """The release's own function that counts the desired workers; None if it has none."""
    for module in ("scaler.worker_manager.desired_concurrency", "scaler.worker_manager_adapter.common"):
        try:
            return importlib.import_module(module).extract_desired_count
        except (ImportError, AttributeError):
            continue
    return None


def desired_of(frame):
    """How many workers each of MANAGERS must run after the frame, as the release counts them; [] if its count fails."""
    count, requests = desired_count(), deserialize(frame).setDesiredTaskConcurrencyRequests
    desired = []
    for own in MANAGERS:
        try:
            desired.append({"own": own, "count": count(requests, dict(own))})
        except AttributeError:  # 2.1.10 and 2.3.3 read a capability's key, but the field is called name
            return []
    return desired


def make(folder):
    """Write a file for each frame, and frames.json."""
    classes = installed_classes()
    messages = {
        "heartbeat": HEARTBEATS,
        "echo": {"echo": {}},
        "command": {
            **(ORDERS if classes.orders else {}),
            **(LOST if classes.loses else {}),
            **(DESIRES if classes.desires else {}),
        },
        "response": RESPONSES if classes.answers else {},
    }
    tags, frames = {}, []
    for kind, values_by_name in messages.items():
        for name, values in values_by_name.items():
            frame = serialize(getattr(classes, kind)(values))
            tags[kind] = tag_of(frame)
            (folder / f"{name}.bin").write_bytes(frame)
            described = {"name": name, "kind": kind, "values": values}
            if "requests" in values:
                described["desired"] = desired_of(frame)
            frames.append(described)
    has = {
        "startWorkers and shutdownWorkers": classes.orders,
        "setDesired": classes.desires,
        "responses": classes.answers,
    }
    head = {
        "release": importlib.metadata.version("opengris-scaler"),
        "tags": tags,
        "lacks": [name for name, there in has.items() if not there],
    }
    write(folder / "frames.json", head, frames)
