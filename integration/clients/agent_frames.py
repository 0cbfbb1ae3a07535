"""Reads frames by the release's own classes: agent_frames.py FRAME... (base64). Prints the values of each.

A field that the release does not have is missing; bytes are printed as text, enumerations as numbers.
"""

import base64
import enum
import json
import sys

try:
    from scaler.protocol.capnp._python import _message

    Message = _message.Message
except ImportError:
    from scaler.protocol.capnp import Message

NAMES = {"latencyUS": "latencyMicroseconds"}
FIELDS = """
    taskId resultType metadata results cancelConfirmType instructionType objectUser objectMetadata objectIds
    objectTypes objectNames agent cpu rss rssFree queueSize queuedTasks latencyUS latencyMicroseconds taskLock
    processors capabilities workerManagerID memLimit hostname netSentBytes netRecvBytes pid initialized
    hasTask suspended resource currentTaskId taskAgeSeconds name value
""".split()


def plain(value, name):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("latin-1")
    if isinstance(value, enum.IntEnum) or hasattr(value, "raw"):
        return int(getattr(value, "raw", value))
    if isinstance(value, (bool, int, str)):
        return value
    if name in ("processors", "capabilities"):
        return [values(one) for one in value]
    if name in ("objectIds", "objectTypes", "objectNames", "results"):
        return [plain(one, "") for one in value]
    return values(value)


def values(content):
    found = {}
    for name in FIELDS:
        try:
            value = getattr(content, name)
        except Exception:  # of another kind in every release
            continue
        found[NAMES.get(name, name)] = plain(value, name)
    return found


def read(frame):
    message = Message.from_bytes(frame)
    if hasattr(message, "__enter__"):
        message = message.__enter__()  # pycapnp's is only readable inside
    kind = str(message.which())
    return {"kind": kind, **values(getattr(message, kind))}


print(json.dumps([read(base64.b64decode(frame)) for frame in sys.argv[1:]]), flush=True)
