"""What suspends a processor and lets it go on: two events as Scaler's Processor wants them, over a pair of sockets.

Scaler's own are of multiprocessing: four named semaphores, the end of either side unseen, and a wait of the one that
lets go until the other one wakes. Here the parent of the processor polls a socket.
"""

import select
import socket


class _Event:
    def __init__(self, endpoint):
        self._endpoint = endpoint


class Resume(_Event):
    """The processor waits for it, in the handler of the signal that suspends it (1.26.0 to 2.9.0)."""

    def wait(self, timeout=None):
        # poll and not a blocking recv: a task may set a default timeout for sockets.
        poll = select.poll()
        poll.register(self._endpoint, select.POLLIN)
        if not poll.poll(None if timeout is None else timeout * 1000):
            return False
        self._endpoint.recv(1)
        return True


class Resumed(_Event):
    """The processor sets it when it goes on."""

    def set(self):
        self._endpoint.send(b"r")


def make():
    """A pair of sockets: the end of the processor's parent, and the processor's. OSError when there are no descriptors
    left."""
    return socket.socketpair()


def resume(endpoint):
    """Let the processor at the other end go on. It never waits: a byte is there for each that the processor took."""
    endpoint.send(b"r", socket.MSG_DONTWAIT)
