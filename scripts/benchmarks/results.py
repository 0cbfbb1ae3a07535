"""What came together: figures of every contestant, run after run, and what failed."""

import collections
import statistics

from .manager import NATIVE, PYTHON


class Results:
    def __init__(self, releases):
        self.releases = releases
        self.runs = 0
        self.failures = []  # sentences
        self.absent = {}  # why, by peer
        self.peers = {}  # by name: registrations of each run, memory of each run
        self._values = collections.defaultdict(list)
        self._failed = set()

    def add(self, release, kind, values):
        for figure, value in values.items():
            if value is not None:
                self._values[release, kind, figure].append(value)

    def fail(self, release, kind, measurement, error):
        self.failures.append("%s, Scaler %s, %s: %s" % (measurement.name, release, kind, error))
        self._failed.update((release, kind, figure) for figure in measurement.figures)

    def fail_peer(self, name, error):
        self.failures.append("%s: %s" % (name, error))
        self.absent[name] = "failed"

    def add_peer(self, name, registered, memory):
        curves, memories = self.peers.setdefault(name, ([], []))
        curves.append(registered)
        memories.append(memory)

    def of(self, release, figure):
        """Ours and the Python manager's."""
        return tuple(self._values[release, kind, figure] for kind in (NATIVE, PYTHON))

    def failed(self, release, kind, figure):
        return (release, kind, figure) in self._failed


def median_curve(curves):
    """The run whose last worker came in the middle of all."""
    return sorted(curves, key=lambda curve: curve[-1])[(len(curves) - 1) // 2]


def number(value):
    return "%.0f" % value if abs(value) >= 1000 else "%.3g" % value


def spread(values, runs):
    """Minimum, median and maximum, and how many there are if not one a run."""
    if not values:
        return "-"
    text = "%s / **%s** / %s" % tuple(number(f(values)) for f in (min, statistics.median, max))
    return text if len(values) == runs else "%s (%d of %d runs)" % (text, len(values), runs)
