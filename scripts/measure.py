"""What the benchmarks measure with: processes of a tree, registrations in a scheduler's log, tables and plots."""

import os
import statistics
import threading
import time


def children():
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name) as file:
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            table.setdefault(parent, []).append(int(name))
    return table


def tree(root):
    """The pids of a process and all of its descendants."""
    table, found = children(), [root]
    for pid in found:
        found += table.get(pid, [])
    return found


def _field(path, name):
    try:
        with open(path) as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))
    except (OSError, StopIteration):
        return 0


def pss(pid):
    return _field("/proc/%d/smaps_rollup" % pid, "Pss:")


def rss(pid):
    return _field("/proc/%d/status" % pid, "VmRSS:")


def cpu_per_second(pid, seconds):
    """CPU seconds that a process takes in a second, over some of them."""

    def used():
        total = 0  # by thread, because what stat has for the process is in coarse ticks
        for thread in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/schedstat" % (pid, thread)) as file:
                total += int(file.read().split()[0])
        return total / 1e9

    before = used()
    time.sleep(seconds)
    return (used() - before) / seconds


class Registrations:
    """When workers registered: the scheduler logs each, and the log is read as it grows."""

    def __init__(self, path):
        self._path = path
        self._times = []
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        with open(self._path) as log:
            while True:
                line = log.readline()
                if not line:
                    time.sleep(0.005)
                elif "WorkerID(" in line and line.rstrip().endswith("connected") and "disconnected" not in line:
                    self._times.append(time.time())

    def times(self):
        return list(self._times)

    def await_count(self, count, limit):
        """The moments of the first `count` registrations."""
        over = time.time() + limit
        while len(self._times) < count:
            if time.time() > over:
                raise SystemExit("only %d of %d workers registered within %d s" % (len(self._times), count, limit))
            time.sleep(0.005)
        return self._times[:count]


class Results:
    """Figures of one contestant, by what was measured."""

    def __init__(self):
        self.figures = {}
        self.curves = []

    def add(self, what, value):
        self.figures.setdefault(what, []).append(value)

    def curve(self, times):
        self.curves.append(times)


class Report:
    def __init__(self, workers):
        self._workers = workers
        self._results = {}

    def results(self, release, kind):
        return self._results.setdefault((release, kind), Results())

    def markdown(self, circumstances):
        lines = ["# Benchmarks", "", "Made by `make bench`: %s. Minimum, median and maximum;" % circumstances]
        lines += ["the ratio is of the medians, Scaler's Python manager to this one (for rates the other way round).", ""]
        for release in sorted({release for release, _ in self._results if release}):
            native, python = self.results(release, "native").figures, self.results(release, "python").figures
            lines += ["## Scaler %s" % release, "", "| | this manager | Python manager | ratio |", "| --- | --- | --- | --- |"]
            for what, values in native.items():
                other = python.get(what)
                ratio = ""
                if other:
                    quotient = statistics.median(other) / max(statistics.median(values), 1e-9)
                    ratio = "%.2f" % (1 / quotient if what.endswith("(1/s)") else quotient)
                lines.append("| %s | %s | %s | %s |" % (what, _spread(values), _spread(other), ratio))
            lines.append("")
        others = self.results("", "others").figures
        if others:
            lines += ["## Others, %d workers" % self._workers, "", "| | |", "| --- | --- |"]
            lines += ["| %s | %s |" % (what, _spread(values)) for what, values in others.items()] + [""]
        lines += ["![Workers registered over time](benchmarks.svg)", ""]
        return "\n".join(lines)

    def plot(self):
        """Workers registered over time, one line a contestant: the median run of each."""
        lines = {}
        for (release, kind), results in self._results.items():
            if results.curves:
                ordered = sorted(results.curves, key=lambda curve: curve[-1])
                lines["Scaler %s, %s" % (release, kind)] = ordered[len(ordered) // 2]
        return svg(lines, self._workers)


def _spread(values):
    if not values:
        return ""
    return "%.3g / **%.3g** / %.3g" % (min(values), statistics.median(values), max(values))


def svg(lines, workers, width=720, height=360, margin=48):
    """A plot with seconds to the right and workers upwards."""
    longest = max((times[-1] for times in lines.values()), default=1.0)
    colours = ("#1b7f3b", "#8fce9f", "#b3261e", "#e8a19c", "#1f4e9c", "#9db8e0")
    ordered = sorted(lines, key=lambda name: lines[name][-1])

    def place(seconds, count):
        x = margin + seconds / longest * (width - 2 * margin)
        return "%.1f,%.1f" % (x, height - margin - count / workers * (height - 2 * margin))

    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">' % (width, height)]
    parts.append('<rect width="100%" height="100%" fill="white"/>')
    parts.append('<polyline fill="none" stroke="black" points="%s %s %s"/>' % (place(0, workers), place(0, 0), place(longest, 0)))
    step = max(1, round(longest / 8))
    for second in range(0, int(longest) + 1, step):
        x, y = place(second, 0).split(",")
        parts.append('<text x="%s" y="%.1f" text-anchor="middle">%d s</text>' % (x, float(y) + 16, second))
    for count in (0, workers // 2, workers):
        x, y = place(0, count).split(",")
        parts.append('<text x="%.1f" y="%s" text-anchor="end">%d</text>' % (float(x) - 6, y, count))
    for index, name in enumerate(ordered):
        points = " ".join(place(seconds, count + 1) for count, seconds in enumerate(lines[name]))
        colour = colours[index % len(colours)]
        parts.append('<polyline fill="none" stroke="%s" stroke-width="2" points="%s %s"/>' % (colour, place(0, 0), points))
        parts.append('<text x="%d" y="%d" fill="%s">%s: %.2f s</text>' % (width - 270, height - margin - 90 + 16 * index, colour, name, lines[name][-1]))
    parts.append('<text x="%d" y="20">Workers registered over time, fixed mode, %d workers</text></svg>' % (margin, workers))
    return "\n".join(parts) + "\n"
