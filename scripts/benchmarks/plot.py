"""The plot: workers registered over time, and memory over workers, side by side, as SVG."""

import statistics

from . import fixed
from .manager import NATIVE, PYTHON
from .peers import PEERS
from .results import median_curve

PANEL, HEIGHT, MARGIN, LEGEND = 420, 340, 52, 18
COLOURS = {NATIVE: ("#8fce9f", "#1b7f3b"), PYTHON: ("#e8a19c", "#b3261e"), "dask": "#1f4e9c", "ray": "#7d4fb3", "fork": "#555555"}


class Panel:
    """Axes from nought, and lines of points in their units."""

    def __init__(self, left, title, right, top, units):
        self._left, self._right, self._top = left, right or 1, top or 1
        self.parts = [_text(left + MARGIN, 24, title, "start")]
        corner = self._place(0, 0)
        self.parts.append(_line([self._place(0, self._top), corner, self._place(self._right, 0)], "black", 1))
        for value in _ticks(self._right):
            x, y = self._place(value, 0)
            self.parts.append(_text(x, y + 16, "%g" % value, "middle"))
        for value in _ticks(self._top):
            x, y = self._place(0, value)
            self.parts.append(_text(x - 6, y + 4, "%g" % value, "end"))
        x, y = self._place(self._right, 0)
        self.parts.append(_text(x, y + 32, units[0], "end"))
        self.parts.append(_text(left + MARGIN + 6, MARGIN - 8, units[1], "start"))

    def _place(self, x, y):
        across, up = PANEL - 2 * MARGIN, HEIGHT - 2 * MARGIN
        return self._left + MARGIN + x / self._right * across, HEIGHT - MARGIN - y / self._top * up

    def draw(self, points, colour, marked=False):
        places = [self._place(x, y) for x, y in points]
        self.parts.append(_line(places, colour, 2))
        if marked:
            self.parts += ['<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (*place, colour) for place in places]


def svg(results):
    contestants = list(_contestants(results))
    longest = max((curve[-1] for _, _, curve, _ in contestants), default=1)
    heaviest = max((memory for _, _, _, weights in contestants for _, memory in weights), default=1)
    time = Panel(0, "Workers registered over time, 64 in fixed mode", longest, fixed.WORKERS, ("s", "workers"))
    memory = Panel(PANEL, "Memory over workers", fixed.WORKERS, heaviest, ("workers", "MB, PSS of the whole tree"))
    legend = []
    for index, (name, colour, curve, weights) in enumerate(contestants):
        time.draw([(0, 0), *((moment, count + 1) for count, moment in enumerate(curve))], colour)
        memory.draw(weights, colour, marked=True)
        x, y = MARGIN + index % 2 * PANEL, HEIGHT + LEGEND * (index // 2)
        legend.append(_line([(x, y - 4), (x + 20, y - 4)], colour, 3))
        legend.append(_text(x + 26, y, "%s: %.2f s, %.0f MB" % (name, curve[-1], weights[-1][1]), "start"))
    height = HEIGHT + LEGEND * ((len(contestants) + 1) // 2)
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">'
    ground = '<rect width="100%" height="100%" fill="white"/>'
    return "\n".join([head % (2 * PANEL, height), ground, *time.parts, *memory.parts, *legend, "</svg>"]) + "\n"


def _contestants(results):
    """Name, colour, the median run's registrations, and memory by the number of workers."""
    for kind, who in ((NATIVE, "this manager"), (PYTHON, "Python manager")):
        for index, release in enumerate(results.releases):
            curves, weights = results.of(release, fixed.CURVE)[kind == PYTHON], []
            for count, figure in sorted(fixed.MEMORY.items()):
                values = results.of(release, figure)[kind == PYTHON]
                if values:
                    weights.append((count, statistics.median(values)))
            if curves and weights:
                yield "%s, Scaler %s" % (who, release), COLOURS[kind][index % 2], median_curve(curves), weights
    for name, (curves, memories) in results.peers.items():
        yield PEERS[name], COLOURS[name], median_curve(curves), [(fixed.WORKERS, statistics.median(memories))]


def _ticks(largest):
    """About five round values from nought to the largest."""
    step = 10.0 ** len(str(int(largest)))
    for finer in (1, 2, 4, 5, 10, 20, 40, 50, 100):
        if largest / (step / finer) >= 4:
            step /= finer
            break
    return [step * index for index in range(int(largest / step) + 1)]


def _line(places, colour, width):
    points = " ".join("%.1f,%.1f" % place for place in places)
    return '<polyline fill="none" stroke="%s" stroke-width="%d" points="%s"/>' % (colour, width, points)


def _text(x, y, text, anchor):
    return '<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>' % (x, y, anchor, text)
