"""Processors wait for workers: while workers are on their way to the scheduler, the CPUs are theirs."""

import os

# The longest that the fork of a processor waits.
LONGEST_SECONDS = 0.5


class Gate:
    """Open while all workers that were started have registered. `descriptor` is readable then; children inherit it and
    poll it, and nobody but the host reads from it."""

    def __init__(self):
        self._on_their_way = set()
        self.descriptor, self._write = os.pipe()
        os.write(self._write, b"o")

    def descriptors(self):
        return [self.descriptor, self._write]

    def starts(self, number):
        """A worker has been started."""
        if not self._on_their_way:
            os.read(self.descriptor, 1)
        self._on_their_way.add(number)

    def arrives(self, number):
        """A worker has registered, or has ended."""
        if number in self._on_their_way:
            self._on_their_way.remove(number)
            if not self._on_their_way:
                os.write(self._write, b"o")
