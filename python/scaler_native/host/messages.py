"""The messages of Scaler's agent as the installed classes make and read them.

Values are as in agent_samples.json: a text or an id is a string, {"hex": "ff00"} if it is no UTF-8.
"""

import base64
import contextlib
import importlib
import importlib.util

from . import release

# By the names of the protocol with the manager, the members of upstream's union.
KINDS = {
    "task": "task",
    "task_cancel": "taskCancel",
    "task_cancel_confirm": "taskCancelConfirm",
    "task_result": "taskResult",
    "task_log": "taskLog",
    "object_instruction": "objectInstruction",
    "heartbeat": "workerHeartbeat",
    "echo": "workerHeartbeatEcho",
    "disconnect_response": "disconnectResponse",
    "client_disconnect": "clientDisconnect",
    "processor_initialized": "processorInitialized",
}


class _Former:
    """1.26 and 1.27: pycapnp."""

    def __init__(self):
        python = importlib.import_module("scaler.protocol.capnp._python")
        self._modules = (python._message, python._common, python._status)

    def find(self, path):
        return _find(self._modules, path)

    def make(self, path, **fields):
        found = self.find(path)
        return found.new_message(**{name: value for name, value in fields.items() if name in found.schema.fields})

    def member(self, enumeration, name):
        return name

    def frame(self, kind, content):
        return self._modules[0].Message(**{kind: content}).to_bytes()

    def values(self, frame):
        with self._modules[0].Message.from_bytes(frame) as message:
            return message.to_dict()


class _Present:
    """From 2.0: classes of a native module, which pass over fields that they do not have."""

    def __init__(self):
        self._modules = (importlib.import_module("scaler.protocol.capnp"),)

    def find(self, path):
        return _find(self._modules, path)

    def make(self, path, **fields):
        return self.find(path)(**fields)

    def member(self, enumeration, name):
        return getattr(self.find(enumeration), name)

    def frame(self, kind, content):
        return self._modules[0].Message(**{kind: content}).to_bytes()

    def values(self, frame):
        """Of what was read; written again, for that leaves out whatever the release does not know."""
        return self._modules[0].Message.from_bytes(frame).to_bytes()


def structs():
    return _Present() if importlib.util.find_spec("scaler.protocol.python") is None else _Former()


def tags():
    """The union tags of the messages that this release has."""
    made, found = structs(), {}
    for name, kind in KINDS.items():
        with contextlib.suppress(Exception):
            found[name] = release.tag(made.frame(kind, made.make(kind[0].upper() + kind[1:])))
    return found


def check(samples, frames):
    """Compare the manager's frames, by the name of a sample, with what they are to say. Returns what differs in one line, or
    "", and the frames that the installed classes make of all samples that this release can say."""
    made, ours, differing = structs(), {}, []
    for sample in samples:
        name, kind = sample["name"], sample["kind"]
        try:
            content = _content(made, kind, sample["values"])
        except LookupError:  # this release has no such message
            continue
        ours[name] = made.frame(kind, content)
        if name in frames:
            try:
                if made.values(base64.b64decode(frames[name])) != made.values(ours[name]):
                    differing.append("%s is read with other values" % name)
            except Exception as error:
                differing.append("%s cannot be read (%s)" % (name, type(error).__name__))
    differing += ["%s is unknown" % name for name in sorted(set(frames).difference(ours))]
    return "; ".join(differing), {name: base64.b64encode(frame).decode("ascii") for name, frame in ours.items()}


def _find(modules, path):
    for found in modules:
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is not None:
            return found
    raise LookupError(path)


def _data(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value.encode()


def _content(made, kind, values):
    """The message with these values."""
    make, member, fields = made.make, made.member, {}
    if "id" in values:
        fields["taskId"] = _data(values["id"])
    if "metadata" in values:
        fields["metadata"] = _data(values["metadata"])
    if kind == "task":
        fields.update(source=_data(values["source"]), funcObjectId=_data(values["function"]), capabilities=[])
        kind_of = member("Task.Argument.ArgumentType", "objectID")
        fields["functionArgs"] = [make("Task.Argument", type=kind_of, data=_data(one)) for one in values["arguments"]]
    elif kind == "taskCancel":
        fields["flags"] = make("TaskCancel.TaskCancelFlags", force=values["force"])
    elif kind == "taskCancelConfirm":
        fields["cancelConfirmType"] = member("TaskCancelConfirmType", values["type"])
    elif kind == "taskResult":
        fields["resultType"] = member("TaskResultType", values["type"])
        fields["results"] = [_data(one) for one in values["results"]]
    elif kind == "taskLog":
        fields.update(logType=member("TaskLog.LogType", values["type"]), content=values["content"])
    elif kind == "objectInstruction":
        fields["instructionType"] = member("ObjectInstruction.ObjectInstructionType", values["type"])
        fields.update(objectUser=_data(values["user"]), objectMetadata=_objects(made, values["objects"]))
    elif kind == "workerHeartbeat":
        fields = _heartbeat(made, values)
    elif kind == "workerHeartbeatEcho":
        if values["address"] is not None:
            host, port, scheme = values["address"]
            fields["objectStorageAddress"] = make("ObjectStorageAddress", host=host, port=port, scheme=scheme)
    elif kind == "disconnectResponse":
        fields["worker"] = _data(values["worker"])
    elif kind == "clientDisconnect":
        fields["disconnectType"] = member("ClientDisconnect.DisconnectType", values["type"])
    return make(kind[0].upper() + kind[1:], **fields)


def _objects(made, objects):
    kinds = [made.member("ObjectMetadata.ObjectContentType", kind) for _, kind, _ in objects]
    return made.make(
        "ObjectMetadata",
        objectIds=[_data(identity) for identity, _, _ in objects],
        objectTypes=kinds,
        objectNames=[_data(name) for _, _, name in objects],
    )


def _heartbeat(made, values):
    def resource(pair):
        return made.make("Resource", cpu=pair[0], rss=pair[1])

    def processor(pid, initialized, has_task, suspended, used, task_id, age):
        return made.make(
            "ProcessorStatus",
            pid=pid,
            initialized=initialized,
            hasTask=has_task,
            suspended=suspended,
            resource=resource(used),
            currentTaskId=_data(task_id),
            taskAgeSeconds=age,
        )

    return {
        "agent": resource(values["agent"]),
        "rssFree": values["free_memory"],
        "memLimit": values["memory_limit"],
        "queueSize": values["queue_size"],
        "queuedTasks": values["queued_tasks"],
        "latencyUS": values["latency"],  # it has been renamed
        "latencyMicroseconds": values["latency"],
        "taskLock": values["task_lock"],
        "processors": [processor(*one) for one in values["processors"]],
        "capabilities": [made.make("TaskCapability", name=name, value=value) for name, value in values["capabilities"]],
        "workerManagerID": _data(values["manager_id"]),
        "hostname": values["hostname"],
        "netSentBytes": values["net_sent"],
        "netRecvBytes": values["net_received"],
    }
