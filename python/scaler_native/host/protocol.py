"""Frames between the manager, the worker host and the workers. Twin of go/internal/host/protocol.

A frame is an unsigned 32-bit little-endian length, then a JSON object of that many bytes in UTF-8, which has the member
"type". schema/worker-host.md lists the messages; schema/host_frames.json has sample frames that both sides test.
"""

import collections
import json
import select
import socket
import struct
import time

VERSION = 3
FRAME_LIMIT = 1 << 20  # bytes; a pickled processor takes about 2 KiB
_LENGTH = struct.Struct("<I")


class ProtocolError(Exception):
    """The peer has sent something that is not a valid frame or message."""


def encode(message):
    body = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogateescape")
    if len(body) > FRAME_LIMIT:
        raise ProtocolError("a message of %d bytes is over the limit of %d" % (len(body), FRAME_LIMIT))
    return _LENGTH.pack(len(body)) + body


def decode(body):
    try:
        message = json.loads(body.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError("cannot read a message: %s" % error) from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ProtocolError("a message is not an object with a type")
    return message


class Channel:
    """One end of a connected stream socket. Not for more than one thread."""

    def __init__(self, endpoint):
        self.socket = endpoint
        self._received = bytearray()
        self._messages = collections.deque()
        self.closed = False

    @classmethod
    def from_descriptor(cls, descriptor):
        endpoint = socket.socket(fileno=descriptor)
        endpoint.set_inheritable(False)
        return cls(endpoint)

    def fileno(self):
        return self.socket.fileno()

    def close(self):
        self.closed = True
        self.socket.close()

    def send(self, message):
        """Send a message, blocking. OSError if the peer has closed the channel."""
        self.socket.sendall(encode(message))

    def receive(self, timeout=None):
        """The next message; None after `timeout` seconds without one. EOFError if the peer has closed the channel."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._messages:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            # Not select.select, which cannot take descriptors from 1024 on.
            poll = select.poll()
            poll.register(self.socket, select.POLLIN)
            if not poll.poll(None if left is None else int(left * 1000) + (left > 0)):
                return None
            self.fill()
        return self._messages.popleft()

    def fill(self):
        """Read what has arrived. EOFError if the peer has closed the channel."""
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        if not data:
            raise EOFError
        self._received += data
        while len(self._received) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._received)
            if length > FRAME_LIMIT:
                raise ProtocolError("a frame of %d bytes is over the limit of %d" % (length, FRAME_LIMIT))
            end = _LENGTH.size + length
            if len(self._received) < end:
                break
            self._messages.append(decode(bytes(self._received[_LENGTH.size : end])))
            del self._received[:end]

    def pending(self):
        """The messages that have been read. Does not block."""
        while self._messages:
            yield self._messages.popleft()
