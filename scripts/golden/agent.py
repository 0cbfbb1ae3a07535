"""Frames of a worker's agent, made by the classes of the installed Scaler.

The structs are filled in by the same code with which the worker host checks the manager's frames
(scaler_native.host.messages); the frames are made by Scaler's own serialize().
"""

import contextlib
import importlib

from scaler.io.utility import serialize

from scaler_native.host import messages, schema

from .agent_messages import MESSAGES, OBJECT, OTHER
from .values import tag_of, text, write

# Fields that not every release has. Releases differ in the name of the latency.
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


class Structs:
    """The release's structs, with a record of the optional fields that it has."""

    def __init__(self):
        self._structs = schema.installed()
        self.member = self._structs.member
        self.has = set()
        self._wrappers = None
        with contextlib.suppress(ImportError):  # before 2.0 serialize() takes wrappers
            self._wrappers = importlib.import_module("scaler.protocol.python.message")

    def make(self, path, **fields):
        for field in OPTIONAL & set(fields):
            # A release leaves out a field that it does not have.
            if self._structs.make(path, **{field: fields[field]}).to_bytes() != self._structs.make(path).to_bytes():
                self.has.add(field)
        return self._structs.make(path, **fields)

    def frame(self, kind, content):
        return serialize(getattr(self._wrappers, messages.struct_of(kind))(content) if self._wrappers else content)


def expand(kind, values):
    """The values of a message as in the worker host's samples: without "times", and with the ids that are left out."""
    values = dict(values)
    times = values.pop("times", 1)
    for name in ("objects", "results", "processors"):
        if name in values:
            values[name] = values[name] * times
    if kind == "task":
        values.update(function=OBJECT, arguments=[OTHER] * values["arguments"], capabilities=[["gpu", 1]])
    if kind == "taskLog":
        values["content"] = text(values["content"])
    return values


def make(folder):
    """Write a file for each frame that the release can make, and agent.json."""
    structs, tags, frames = Structs(), {}, []
    for kind, values_by_name in MESSAGES.items():
        for name, values in values_by_name.items():
            try:
                content = messages.content(structs, kind, expand(kind, values))
            except LookupError:  # the release has no such message
                continue
            address = values.get("address")
            if address and address[2] != "tcp" and "scheme" not in structs.has:
                continue
            frame = structs.frame(kind, content)
            tags[kind] = tag_of(frame)
            (folder / f"agent_{name}.bin").write_bytes(frame)
            frames.append({"name": f"agent_{name}", "kind": kind, "values": values})
    lacks = sorted(OPTIONAL - structs.has - {"latencyUS", "latencyMicroseconds"})
    write(folder / "agent.json", {"tags": tags, "lacks": lacks}, frames)
