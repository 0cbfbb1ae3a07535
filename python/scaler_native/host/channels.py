"""The channels of workers that run Scaler's own agent: what those workers report, and what of it the manager gets."""

import os
import selectors

from . import protocol

# A worker has one socket in each of its transports.
SOCKETS_LIMIT = 16


class Channels:
    """`drop` is called with a child whose channel has ended, or is not to be trusted any more."""

    def __init__(self, outbox, selector, gate, drop):
        self._outbox = outbox
        self._selector = selector
        self._gate = gate
        self._drop = drop

    def add(self, child):
        self._selector.register(child.channel, selectors.EVENT_READ, lambda _: self._serve(child))

    def _serve(self, child):
        try:
            child.channel.fill()
            for message in child.channel.pending():
                self._on_message(child, message)
        except (EOFError, OSError, LookupError, TypeError, ValueError, protocol.ProtocolError):
            # The worker has ended, or a task writes to its channel: the other workers must not suffer from that.
            self._drop(child)

    def _on_message(self, child, message):
        kind, number = message["type"], child.number
        if kind == "registered":
            self._gate.settled(number)
            self._outbox.put({"type": kind, "worker": number})
        elif kind in ("busy", "idle"):
            self._outbox.put_state((number, "load"), {"type": kind, "worker": number})
        elif kind == "parent":
            self._outbox.put({"type": kind, "worker": number, "pid": int(message["pid"])})
        elif kind == "processor":
            pid, state = int(message["pid"]), str(message["state"])
            self._outbox.put_state((number, pid), {"type": kind, "worker": number, "pid": pid, "state": state})
        elif kind == "socket":
            if len(child.sockets) == SOCKETS_LIMIT:
                raise protocol.ProtocolError("a worker has more than %d sockets" % SOCKETS_LIMIT)
            child.sockets.append(os.fspath(message["path"]))
            self._outbox.put({"type": kind, "pid": child.pid, "path": message["path"]})
        else:
            raise protocol.ProtocolError("unknown message of a worker: %r" % kind)
