"""Frames between the parent of a worker's processors and who asks it for them, on a connected pair of stream sockets."""

import collections
import struct

# What a frame begins with: its kind, a pid, a status or signal, and the number of bytes that follow.
_HEAD = struct.Struct("<cIII")
# To the parent. FORK: fork the processor that follows; pickled if the worker asks, its storage address if the host does.
FORK, REAP = b"F", b"R"
# From the parent: the pid was forked; none could be, and why; the pid ended with the status, and is a zombie until REAP.
FORKED, REFUSED, EXITED = b"f", b"r", b"e"
# From the host alone, where there is no worker in between: signal the pid, which is not reaped; let it go on; exit.
SIGNAL, RESUME, QUIT = b"S", b"C", b"Q"
# To the host alone: the pid goes on; a signal asks the worker to end. What has EXITED is reaped already.
RESUMED, TERMINATE = b"c", b"t"


def frame(kind, pid=0, status=0, body=b""):
    return _HEAD.pack(kind, pid, status, len(body)) + body


def send(endpoint, kind, pid=0, status=0, body=b""):
    endpoint.sendall(frame(kind, pid, status, body))


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


class Channel:
    """The host's end, which never waits for the other one."""

    def __init__(self, endpoint):
        endpoint.setblocking(False)
        self.socket = endpoint
        self.closed = False
        self._received = bytearray()
        self._frames = collections.deque()
        self._unsent = bytearray()

    def fileno(self):
        return self.socket.fileno()

    def close(self):
        self.closed = True
        self.socket.close()

    def fill(self):
        """Take what has arrived. Raises EOFError when the other side is gone."""
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if not data:
            raise EOFError
        self._received += data
        while len(self._received) >= _HEAD.size:
            kind, pid, status, length = _HEAD.unpack_from(self._received)
            end = _HEAD.size + length
            if len(self._received) < end:
                break
            self._frames.append((kind, pid, status, bytes(self._received[_HEAD.size : end])))
            del self._received[:end]

    def pending(self):
        """The frames that have arrived, without waiting."""
        while self._frames:
            yield self._frames.popleft()

    def put(self, kind, pid=0, status=0, body=b""):
        """Queue a frame."""
        self._unsent += frame(kind, pid, status, body)

    def flush(self):
        """Write as much as the socket takes. Returns whether something is left."""
        while self._unsent:
            try:
                del self._unsent[: self.socket.send(self._unsent)]
            except BlockingIOError:
                return True
            except OSError:  # the other side is gone, which fill finds too
                self._unsent.clear()
        return False
