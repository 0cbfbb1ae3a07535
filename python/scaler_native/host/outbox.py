"""What the host has to tell the manager, kept until the manager takes it: the host never waits for it."""

from . import protocol

# A manager that lets so much come together is broken: each worker costs it some hundred bytes.
LIMIT = 64 << 20
# So much is put in order at a time; states that are passed meanwhile are never told.
_BLOCK = 1 << 16


class Outbox:
    """Messages for a non-blocking socket, in order, but for states, of which the last one is told."""

    def __init__(self, endpoint):
        self._endpoint = endpoint
        self._bytes = bytearray()
        self._states = {}

    def put(self, message):
        self._bytes += protocol.encode(message)
        if len(self._bytes) > LIMIT:
            raise protocol.ProtocolError("the manager does not read: %d bytes wait for it" % len(self._bytes))

    def put_state(self, key, message):
        """Tell a state. A former one of the same key, which is a worker's number and what of it, is left out if it has
        not been told."""
        self._states.pop(key, None)
        self._states[key] = message

    def forget(self, number):
        """The worker has ended, and with it what has a state."""
        for key in [key for key in self._states if key[0] == number]:
            del self._states[key]

    def flush(self):
        """Write as much as the socket takes. Returns whether something is left."""
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
