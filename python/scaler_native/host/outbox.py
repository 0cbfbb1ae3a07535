"""The host's messages to the manager, buffered so that the host never blocks on the manager."""

from . import protocol

# Bytes. A worker causes some hundred bytes: a manager that leaves so much unread is broken.
LIMIT = 64 << 20
# States are encoded when fewer bytes than this are waiting, so that a newer state can still replace an older one.
_BLOCK = 1 << 16


class Outbox:
    """Messages for a non-blocking socket. They keep their order, except for states, of which only the last is sent."""

    def __init__(self, endpoint):
        self._endpoint = endpoint
        self._bytes = bytearray()
        self._states = {}

    def put(self, message):
        """Raises ProtocolError if the manager has left more than LIMIT bytes unread."""
        self._bytes += protocol.encode(message)
        if len(self._bytes) > LIMIT:
            raise protocol.ProtocolError("the manager does not read: %d bytes wait for it" % len(self._bytes))

    def put_state(self, key, message):
        """Send a state. It replaces an unsent one of the same key, which starts with the worker's number."""
        self._states.pop(key, None)
        self._states[key] = message

    def forget(self, number):
        """Drop the states of a worker that has ended."""
        for key in [key for key in self._states if key[0] == number]:
            del self._states[key]

    def flush(self):
        """Write as much as the socket takes. Returns whether anything is left."""
        while self._bytes or self._states:
            while self._states and len(self._bytes) < _BLOCK:
                key = next(iter(self._states))
                self._bytes += protocol.encode(self._states.pop(key))
            try:
                written = self._endpoint.send(memoryview(self._bytes)[:_BLOCK])
            except BlockingIOError:
                return True
            del self._bytes[:written]
        return False
