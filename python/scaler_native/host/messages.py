"""The messages of Scaler's agent, made and read by the installed classes.

The manager's own code writes these messages in Go. When the worker host starts, both sides encode the same samples
(agent_samples.json), and each decodes what the other wrote. In a sample a text or an id is a string, and
{"hex": "ff00"} if it is not UTF-8.
"""

import base64
import contextlib

from . import schema

# The members of upstream's union, by the names that the host protocol has for them.
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


def struct_of(kind):
    """The name of the struct that a member of the union holds."""
    return kind[0].upper() + kind[1:]


def tags():
    """The union tags of the messages that this release has."""
    installed, found = schema.installed(), {}
    for name, kind in KINDS.items():
        with contextlib.suppress(Exception):
            found[name] = schema.tag(installed.frame(kind, installed.make(struct_of(kind))))
    return found


def check(samples, frames):
    """Compare `frames`, which the manager has made of samples, by their names, with those of the installed classes.

    Returns what differs, in one line ("" if nothing does), and the installed classes' own frames of all samples that
    the release has a message for.
    """
    installed, own, differing = schema.installed(), {}, []
    for sample in samples:
        name, kind = sample["name"], sample["kind"]
        try:
            message = content(installed, kind, sample["values"])
        except LookupError:  # the release has no such message
            continue
        own[name] = installed.frame(kind, message)
        if name in frames:
            try:
                if installed.values(base64.b64decode(frames[name])) != installed.values(own[name]):
                    differing.append("%s is read with other values" % name)
            except Exception as error:
                differing.append("%s cannot be read (%s)" % (name, type(error).__name__))
    differing += ["%s is unknown" % name for name in sorted(set(frames).difference(own))]
    return "; ".join(differing), {name: base64.b64encode(frame).decode("ascii") for name, frame in own.items()}


def _data(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value.encode()


def content(structs, kind, values):
    """The struct of a message with these values. LookupError if the release has no such message."""
    make, member, fields = structs.make, structs.member, {}
    if "id" in values:
        fields["taskId"] = _data(values["id"])
    if "metadata" in values:
        fields["metadata"] = _data(values["metadata"])
    if kind == "task":
        fields.update(source=_data(values["source"]), funcObjectId=_data(values["function"]))
        argument = member("Task.Argument.ArgumentType", "objectID")
        fields["functionArgs"] = [make("Task.Argument", type=argument, data=_data(one)) for one in values["arguments"]]
        fields["capabilities"] = _capabilities(structs, values.get("capabilities", ()))
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
        fields.update(objectUser=_data(values["user"]), objectMetadata=_objects(structs, values["objects"]))
    elif kind == "workerHeartbeat":
        fields = _heartbeat(structs, values)
    elif kind == "workerHeartbeatEcho":
        if values["address"] is not None:
            host, port, scheme = values["address"]
            fields["objectStorageAddress"] = make("ObjectStorageAddress", host=host, port=port, scheme=scheme)
    elif kind == "disconnectResponse":
        fields["worker"] = _data(values["worker"])
    elif kind == "clientDisconnect":
        fields["disconnectType"] = member("ClientDisconnect.DisconnectType", values["type"])
    return make(struct_of(kind), **fields)


def _capabilities(structs, pairs):
    return [structs.make("TaskCapability", name=name, value=value) for name, value in pairs]


def _objects(structs, objects):
    kinds = [structs.member("ObjectMetadata.ObjectContentType", kind) for _, kind, _ in objects]
    return structs.make(
        "ObjectMetadata",
        objectIds=[_data(identity) for identity, _, _ in objects],
        objectTypes=kinds,
        objectNames=[_data(name) for _, _, name in objects],
    )


def _heartbeat(structs, values):
    def resource(pair):
        return structs.make("Resource", cpu=pair[0], rss=pair[1])

    def processor(pid, initialized, has_task, suspended, used, task_id, age):
        return structs.make(
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
        "latencyUS": values["latency"],  # a release has one of these two names
        "latencyMicroseconds": values["latency"],
        "taskLock": values["task_lock"],
        "processors": [processor(*one) for one in values["processors"]],
        "capabilities": _capabilities(structs, values["capabilities"]),
        "workerManagerID": _data(values["manager_id"]),
        "hostname": values["hostname"],
        "netSentBytes": values["net_sent"],
        "netRecvBytes": values["net_received"],
    }
