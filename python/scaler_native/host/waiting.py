"""Processors that wait for workers: while workers are on their way to the scheduler, the CPUs are theirs."""

import collections
import time

# The longest that a request for a processor waits.
LONGEST_SECONDS = 0.5


class Waiting:
    """The requests for processors that are put off until all workers that were started have registered."""

    def __init__(self):
        self._on_their_way = set()
        self._requests = collections.deque()

    def starts(self, number):
        """A worker has been started."""
        self._on_their_way.add(number)

    def arrives(self, number):
        """A worker has registered, or has ended."""
        self._on_their_way.discard(number)

    def put(self, request):
        self._requests.append((time.monotonic() + LONGEST_SECONDS, request))

    def due(self, most):
        """The requests that are to be met now, so many at most."""
        due = []
        while self._requests and len(due) < most and (not self._on_their_way or self._requests[0][0] <= time.monotonic()):
            due.append(self._requests.popleft()[1])
        return due

    def timeout(self):
        """Seconds until the next request is due; None when there is none."""
        return max(0.0, self._requests[0][0] - time.monotonic()) if self._requests else None
