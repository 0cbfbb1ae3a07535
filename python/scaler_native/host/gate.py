"""Delays the start of processors while workers are still starting, so that workers get the CPUs and register soon."""

import os

# A processor starts after this time in any case.
LONGEST_SECONDS = 0.5


class Gate:
    """Open (`descriptor` is readable) while no worker is starting. Children inherit the descriptor and only poll it."""

    def __init__(self):
        self._starting = set()
        self.descriptor, self._write = os.pipe()
        os.write(self._write, b"o")

    def descriptors(self):
        return [self.descriptor, self._write]

    def started(self, number):
        """Close the gate for a worker that has been started."""
        if not self._starting:
            os.read(self.descriptor, 1)
        self._starting.add(number)

    def settled(self, number):
        """A worker has registered, has ended, or could not be started. The last one opens the gate."""
        if number in self._starting:
            self._starting.remove(number)
            if not self._starting:
                os.write(self._write, b"o")
