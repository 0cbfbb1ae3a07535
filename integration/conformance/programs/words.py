"""The messages of a scheduler and of a worker's agent, by the installed release's own classes."""

import struct

from scaler.io.utility import deserialize, serialize
from scaler.utility.metadata.profile_result import ProfileResult
from scaler.utility.metadata.task_flags import TaskFlags

try:  # 1.26 and 1.27: wrapper classes around pycapnp
    from scaler.protocol.capnp._python import _message
except ImportError:  # 2.0 and newer: classes of a native module
    from scaler.protocol import capnp

    _message = None


def takes(kind, **fields):
    try:
        kind(**fields)
    except Exception:
        return False
    return True


# From 2.3 on the address of an object storage has a scheme.
SCHEME = not _message and takes(capnp.ObjectStorageAddress, scheme="tcp")


def make(name, **fields):
    """The frame of a message. A nested struct is a pair of its class's path and its fields, an enumerator a pair of the
    enumeration's path and a name."""
    if _message:
        return _message.Message(
            **{name[0].lower() + name[1:]: {key: plain(field) for key, field in fields.items()}}
        ).to_bytes()
    return serialize(getattr(capnp, name)(**{key: native(field) for key, field in fields.items()}))


def plain(field):
    if isinstance(field, list):
        return [plain(item) for item in field]
    if not isinstance(field, tuple):
        return field
    fields = field[1]
    return fields if isinstance(fields, str) else {key: plain(item) for key, item in fields.items()}


def native(field):
    if isinstance(field, list):
        return [native(item) for item in field]
    if not isinstance(field, tuple):
        return field
    path, fields = field
    found = capnp
    for part in path.split("."):
        found = getattr(found, part)
    if isinstance(fields, str):
        return getattr(found, fields)
    return found(**{key: native(item) for key, item in fields.items()})


def has(name):
    if _message:
        return name[0].lower() + name[1:] in _message.Message.schema.union_fields
    return hasattr(capnp, name)


def task(task_id, source, function, arguments, priority=0, stream=False, flags=True):
    given = [
        ("Task.Argument", {"type": ("Task.Argument.ArgumentType", "objectID"), "data": bytes(a)}) for a in arguments
    ]
    return make(
        "Task",
        taskId=task_id,
        source=bytes(source),
        metadata=TaskFlags(True, priority, stream).serialize() if flags else b"",
        funcObjectId=bytes(function),
        functionArgs=given,
        capabilities=[],
    )


def cancel(task_id, force):
    return make("TaskCancel", taskId=task_id, flags=("TaskCancel.TaskCancelFlags", {"force": force}))


def echo(host, port):
    fields = {"host": host, "port": port}
    if SCHEME:
        fields["scheme"] = "tcp"
    return make("WorkerHeartbeatEcho", objectStorageAddress=("ObjectStorageAddress", fields))


def delete(source, object_id):
    kind = ("ObjectMetadata.ObjectContentType", "object")
    metadata = {"objectIds": [bytes(object_id)], "objectTypes": [kind], "objectNames": [b""]}
    return make(
        "ObjectInstruction",
        instructionType=("ObjectInstruction.ObjectInstructionType", "delete"),
        objectUser=bytes(source),
        objectMetadata=("ObjectMetadata", metadata),
    )


def client_disconnect(kind):
    return make("ClientDisconnect", disconnectType=("ClientDisconnect.DisconnectType", kind))


def disconnect_response(worker):
    return make("DisconnectResponse", worker=worker)


def read(frame):
    """The name of the message's class, and the message with its fields named as on the wire."""
    message = deserialize(frame)
    return type(message).__name__, getattr(message, "_msg", message)


def enumerator(value):
    """The name of a value of an enumeration, of which there are three kinds in the releases."""
    name = getattr(value, "name", None) or getattr(value, "_as_str", None) or str(value)
    return name() if callable(name) else name


def profile(metadata):
    """Seconds, bytes, CPU seconds; nothing where that is no profile."""
    try:
        return struct.unpack(ProfileResult.FORMAT, bytes(metadata))
    except struct.error:
        return None
