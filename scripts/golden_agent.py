"""The frames of a worker's agent, as an installed Scaler makes them: part of golden_frames.py.

Structs and fields are named as in the release's own schema; a field that not all releases have is left out
where it is missing, and named in agent.json as lacking.
"""

import json

from golden_agent_messages import MESSAGES, OBJECT, OTHER
from golden_values import data, tag_of, text

from scaler.io.utility import serialize

# Of these some releases lack some. The latency has two names.
OPTIONAL = {
    "latencyUS",
    "latencyMicroseconds",
    "memLimit",
    "hostname",
    "netSentBytes",
    "netRecvBytes",
    "currentTaskId",
    "taskAgeSeconds",
    "scheme",
}


class OldStructs:
    """1.26 and 1.27: pycapnp, and wrapper classes that serialize() takes."""

    def __init__(self):
        from scaler.protocol.capnp._python import _common, _message, _status
        from scaler.protocol.python import message

        self.modules, self.wrappers, self.has = (_message, _common, _status), message, set()

    def make(self, path, /, **fields):
        found = find(self.modules, path)
        self.has |= OPTIONAL & set(found.schema.fields)
        return found(**{field: value for field, value in fields.items() if field in found.schema.fields})

    def member(self, enumeration, name):
        return name

    def frame(self, kind, content):
        return serialize(getattr(self.wrappers, capital(kind))(content))


class NewStructs:
    """2.0 and newer: classes of a native module, which pass over fields that they do not have."""

    def __init__(self):
        from scaler.protocol import capnp

        self.modules, self.has = (capnp,), set()

    def make(self, path, /, **fields):
        found = find(self.modules, path)
        for field in OPTIONAL & set(fields):
            if found(**{field: fields[field]}).to_bytes() != found().to_bytes():
                self.has.add(field)
        return found(**fields)

    def member(self, enumeration, name):
        return getattr(find(self.modules, enumeration), name)

    def frame(self, kind, content):
        return serialize(content)


def find(modules, path):
    for module in modules:
        found = module
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is not None:
            return found
    raise LookupError(path)


def capital(name):
    return name[0].upper() + name[1:]


def fields_of(structs, kind, values):
    """The fields of a message; None where the release has no such message."""
    make, member = structs.make, structs.member
    named = {field: data(values[key]) for key, field in (("id", "taskId"), ("metadata", "metadata")) if key in values}
    if kind == "task":
        argument = {"type": member("Task.Argument.ArgumentType", "objectID"), "data": data(OTHER)}
        named["functionArgs"] = [make("Task.Argument", **argument) for _ in range(values["arguments"])]
        named["capabilities"] = [make("TaskCapability", name="gpu", value=1)]
        return {**named, "source": data(values["source"]), "funcObjectId": data(OBJECT)}
    if kind == "taskCancel":
        return {**named, "flags": make("TaskCancel.TaskCancelFlags", force=values["force"])}
    if kind == "taskCancelConfirm":
        return {**named, "cancelConfirmType": member("TaskCancelConfirmType", values["type"])}
    if kind == "taskResult":
        results = [data(one) for one in values["results"]] * values.get("times", 1)
        return {**named, "resultType": member("TaskResultType", values["type"]), "results": results}
    if kind == "taskLog":
        return {**named, "logType": member("TaskLog.LogType", values["type"]), "content": text(values["content"])}
    if kind == "objectInstruction":
        objects = values["objects"] * values.get("times", 1)
        types = [member("ObjectMetadata.ObjectContentType", kind) for _, kind, _ in objects]
        metadata = make(
            "ObjectMetadata",
            objectIds=[data(name) for name, _, _ in objects],
            objectTypes=types,
            objectNames=[data(name) for _, _, name in objects],
        )
        kind_of = member("ObjectInstruction.ObjectInstructionType", values["type"])
        return {"instructionType": kind_of, "objectUser": data(values["user"]), "objectMetadata": metadata}
    if kind == "workerHeartbeat":
        return heartbeat_fields(make, values)
    if kind == "workerHeartbeatEcho":
        if values["address"] is None:
            return {}
        host, port, scheme = values["address"]
        address = make("ObjectStorageAddress", host=host, port=port, scheme=scheme)
        return None if scheme != "tcp" and "scheme" not in structs.has else {"objectStorageAddress": address}
    if kind == "disconnectResponse":
        return {"worker": data(values["worker"])}
    if kind == "clientDisconnect":
        return {"disconnectType": member("ClientDisconnect.DisconnectType", values["type"])}
    return {}


def heartbeat_fields(make, values):
    def resource(pair):
        return make("Resource", cpu=pair[0], rss=pair[1])

    processors = [
        make(
            "ProcessorStatus",
            pid=pid,
            initialized=initialized,
            hasTask=has_task,
            suspended=suspended,
            resource=resource(used),
            currentTaskId=data(task_id),
            taskAgeSeconds=age,
        )
        for pid, initialized, has_task, suspended, used, task_id, age in values["processors"] * values.get("times", 1)
    ]
    return {
        "agent": resource(values["agent"]),
        "rssFree": values["free_memory"],
        "memLimit": values["memory_limit"],
        "queueSize": values["queue_size"],
        "queuedTasks": values["queued_tasks"],
        "latencyUS": values["latency"],
        "latencyMicroseconds": values["latency"],
        "taskLock": values["task_lock"],
        "processors": processors,
        "capabilities": [make("TaskCapability", name=name, value=value) for name, value in values["capabilities"]],
        "workerManagerID": data(values["manager_id"]),
        "hostname": values["hostname"],
        "netSentBytes": values["net_sent"],
        "netRecvBytes": values["net_received"],
    }


def make_agent(folder):
    try:
        structs = OldStructs()
    except ImportError:
        structs = NewStructs()
    tags, frames = {}, []
    for kind, messages in MESSAGES.items():
        for name, values in messages.items():
            try:
                fields = fields_of(structs, kind, values)
                content = None if fields is None else structs.make(capital(kind), **fields)
            except LookupError:
                content = None
            if content is None:
                continue
            frame = structs.frame(kind, content)
            tags[kind] = tag_of(frame)
            (folder / f"agent_{name}.bin").write_bytes(frame)
            frames.append({"name": f"agent_{name}", "kind": kind, "values": values})
    lacks = sorted(OPTIONAL - structs.has - {"latencyUS", "latencyMicroseconds"})
    lines = ",\n".join(json.dumps(frame, ensure_ascii=False) for frame in frames)
    head = json.dumps({"tags": tags, "lacks": lacks})[:-1]
    (folder / "agent.json").write_text(f'{head}, "frames": [\n{lines}\n]}}\n', encoding="utf-8")
