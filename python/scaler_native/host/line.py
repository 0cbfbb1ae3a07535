"""Frames between a worker and the parent of its processors, on a connected pair of stream sockets."""

import struct

# What a frame begins with: its kind, a pid, a wait status, and the number of bytes that follow.
_HEAD = struct.Struct("<cIII")
# From the worker: fork the pickled processor that follows; reap the pid.
FORK, REAP = b"F", b"R"
# To the worker: the pid was forked; none could be, and why; the pid ended with the status, and is a zombie until REAP.
FORKED, REFUSED, EXITED = b"f", b"r", b"e"


def send(endpoint, kind, pid=0, status=0, body=b""):
    endpoint.sendall(_HEAD.pack(kind, pid, status, len(body)) + body)


def receive(endpoint):
    """The next frame: kind, pid, status, body. Raises EOFError when the other side is gone."""
    kind, pid, status, length = _HEAD.unpack(_take(endpoint, _HEAD.size))
    return kind, pid, status, _take(endpoint, length)


def _take(endpoint, length):
    data = b""
    while len(data) < length:
        try:
            more = endpoint.recv(length - len(data))
        except ConnectionResetError:
            more = b""
        if not more:
            raise EOFError
        data += more
    return data
