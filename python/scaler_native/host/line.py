"""Frames between a worker and the parent of its processors, and between the host and a worker with a native agent.

Both are socket pairs between processes of one machine.
"""

import struct

# The head of a frame: kind, pid, status, length of the body in bytes. A kind that has no use for a field leaves it 0.
_HEAD = struct.Struct("<cIII")

# To the process that forks processors:
FORK = b"F"  # fork a processor; the body is pickled, or the address of the object storage
REAP = b"R"  # reap pid
SIGNAL = b"S"  # send pid the signal `status`
RESUME = b"C"  # resume pid
QUIT = b"Q"  # kill all processors and exit with `status`
SPARE = b"P"  # fork a spare processor, if there is none
DROP = b"D"  # kill the spare processor
NUMBER = b"N"  # be the worker with the number `status`

# From it:
FORKED = b"f"  # pid has been forked
REFUSED = b"r"  # no processor could be forked; the body says why
EXITED = b"e"  # pid has ended with the wait status `status`; with a parent (parent.py) it stays a zombie until REAP
RESUMED = b"c"  # pid has been resumed
TERMINATE = b"t"  # the process itself has received the signal `status`
WAITS = b"p"  # the spare processor pid is ready
GONE = b"g"  # the spare processor has ended, or could not be forked

# Bytes that are buffered for a peer that does not read.
LIMIT = 1 << 20


def send(endpoint, kind, pid=0, status=0, body=b""):
    endpoint.sendall(_HEAD.pack(kind, pid, status, len(body)) + body)


def receive(endpoint):
    """The next frame: kind, pid, status, body. EOFError if the peer has closed its end."""
    kind, pid, status, length = _HEAD.unpack(_take(endpoint, _HEAD.size))
    return kind, pid, status, _take(endpoint, length)


class Buffered:
    """One end of the socket pair, for a process that must not block on the other end."""

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
        """Queue a frame. OverflowError if the peer has left too much unread."""
        if len(self._unsent) + _HEAD.size + len(body) > LIMIT:
            raise OverflowError("%d bytes wait to be read" % len(self._unsent))
        self._unsent += _HEAD.pack(kind, pid, status, len(body)) + body

    def flush(self):
        """Send as much as the socket takes. Returns whether anything is left. OSError if the peer has closed."""
        while self._unsent:
            try:
                del self._unsent[: self.socket.send(self._unsent)]
            except BlockingIOError:
                return True
        return False

    def take(self):
        """The frames that have arrived, as `receive` returns them. EOFError after the last if the peer has closed."""
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
