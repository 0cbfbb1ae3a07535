"""Frames between a worker and the parent of its processors, on a connected pair of stream sockets."""

import struct

# What a frame begins with: its kind, a pid, a wait status, and the number of bytes that follow.
_HEAD = struct.Struct("<cIII")
# From the worker: fork the pickled processor that follows; reap the pid.
FORK, REAP = b"F", b"R"
# To the worker: the pid was forked; none could be, and why; the pid ended with the status, and is a zombie until REAP.
FORKED, REFUSED, EXITED = b"f", b"r", b"e"
# Between the host and the process of a worker whose agent is in the manager. To it, beside FORK: send the pid a signal;
# let the pid go on; end. From it, beside the former: the pid goes on; it got a signal itself. What is not a pid is the status.
SIGNAL, RESUME, QUIT = b"S", b"C", b"Q"
RESUMED, TERMINATE = b"c", b"t"
# To it: make a spare processor; kill that; be the worker of the number that is the status. From it: the spare of the pid waits;
# it is no more, or could not be made.
SPARE, DROP, NUMBER = b"P", b"D", b"N"
WAITS, GONE = b"p", b"g"

# The most that is kept for a peer that does not read.
LIMIT = 1 << 20


def send(endpoint, kind, pid=0, status=0, body=b""):
    endpoint.sendall(_HEAD.pack(kind, pid, status, len(body)) + body)


def receive(endpoint):
    """The next frame: kind, pid, status, body. Raises EOFError when the other side is gone."""
    kind, pid, status, length = _HEAD.unpack(_take(endpoint, _HEAD.size))
    return kind, pid, status, _take(endpoint, length)


class Buffered:
    """One end of a line for somebody who must not wait for the other."""

    def __init__(self, endpoint):
        endpoint.setblocking(False)
        self.socket = endpoint
        self._received = bytearray()
        self._unsent = bytearray()
        self.closed = False

    def fileno(self):
        return self.socket.fileno()

    def close(self):
        self.closed = True
        self.socket.close()

    def put(self, kind, pid=0, status=0, body=b""):
        """OverflowError when the other side leaves too much unread."""
        if len(self._unsent) + _HEAD.size + len(body) > LIMIT:
            raise OverflowError("%d bytes wait to be read" % len(self._unsent))
        self._unsent += _HEAD.pack(kind, pid, status, len(body)) + body

    def flush(self):
        """Send as much as can be. Returns whether something is left. OSError when the other side is gone."""
        while self._unsent:
            try:
                del self._unsent[: self.socket.send(self._unsent)]
            except BlockingIOError:
                return True
        return False

    def take(self):
        """The frames that have arrived, as of `receive`. Raises EOFError, after the last one, when the other side is gone."""
        ended = False
        try:
            while not ended:
                data = self.socket.recv(1 << 16)
                self._received += data
                ended = not data
        except BlockingIOError:
            pass
        except ConnectionResetError:
            ended = True
        while len(self._received) >= _HEAD.size:
            kind, pid, status, length = _HEAD.unpack_from(self._received)
            end = _HEAD.size + length
            if length > LIMIT or len(self._received) < end:
                break
            body = bytes(self._received[_HEAD.size : end])
            del self._received[:end]
            yield kind, pid, status, body
        if ended:
            raise EOFError


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
