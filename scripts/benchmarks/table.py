"""The figures as Markdown: all of them, and those with a goal for the README."""

import statistics

from . import fixed
from .manager import NATIVE, PYTHON
from .peers import PEERS
from .results import number, spread

MET = {True: "met", False: "**missed**", None: ""}


def whole(results, measurements, circumstances):
    lines = ["# Benchmarks", "", "Made by `make bench`: %s. Minimum, **median** and maximum of all runs. The ratio" % circumstances]
    lines += ["says how many times better this manager's median is than that of Scaler's Python manager, whose turn came right"]
    lines += ["before or after in the same run. What takes minutes was measured in the first run only, which the figures say.", ""]
    for release in results.releases:
        head = ("", "this manager", "Python manager", "ratio", "goal", "")
        rows = [_row(results, release, figure) for figure in _shown(measurements)]
        lines += ["## Scaler %s" % release, "", *_table(head, rows), ""]
    if results.peers or results.absent:
        lines += _peers(results)
    if results.failures:
        lines += ["## Failed", "", *["- " + failure for failure in results.failures], ""]
    return "\n".join(lines + ["![Workers registered over time, and memory over workers](benchmarks.svg)", ""])


def summary(results, measurements, command):
    """The medians of the figures with goals, and the plot, with the command that made them."""
    head = ["made by `%s`, medians" % command, "goal"]
    for release in results.releases:
        head += ["Scaler %s: this" % release, "Python's", "ratio, goal"]
    rows = []
    for figure in _shown(measurements):
        if figure.goal:
            row = [figure.label(), figure.goal.text]
            for release in results.releases:
                ours, theirs = results.of(release, figure)
                row += [number(statistics.median(values)) if values else "-" for values in (ours, theirs)]
                row.append(" ".join(filter(None, [_ratio(figure, ours, theirs), MET[figure.met(ours, theirs)]])))
            rows.append(row)
    plot = "![Workers registered over time, and memory over workers](docs/benchmarks.svg)"
    return "\n".join([*_table(head, rows), "", plot])


def _shown(measurements):
    return [figure for measurement in measurements for figure in measurement.figures if figure.shown]


def _row(results, release, figure):
    ours, theirs = results.of(release, figure)
    cells = []
    for kind, values in ((NATIVE, ours), (PYTHON, theirs)):
        cells.append("**failed**" if results.failed(release, kind, figure) else spread(values, results.runs))
    met = None if "**failed**" in cells else figure.met(ours, theirs)
    return [figure.label(), *cells, _ratio(figure, ours, theirs), figure.goal.text if figure.goal else "", MET[met]]


def _ratio(figure, ours, theirs):
    ratio = figure.ratio(ours, theirs)
    return "" if ratio is None else number(ratio)


def _peers(results):
    """Others beside the newest release that was measured."""
    release = results.releases[-1]
    head = ("", "64 workers started (s)", "ratio", "memory, PSS (MB)", "ratio")
    registered, _ = results.of(release, fixed.REGISTERED)
    memory, _ = results.of(release, fixed.MEMORY[fixed.WORKERS])
    rows = []
    for name, title in PEERS.items():
        if name in results.absent:
            rows.append([title, results.absent[name], "", "", ""])
        elif name in results.peers:
            curves, weights = results.peers[name]
            row = [title]
            for figure, ours, theirs in (
                (fixed.REGISTERED, registered, [curve[-1] for curve in curves]),
                (fixed.MEMORY[fixed.WORKERS], memory, weights),
            ):
                row += [spread(theirs, results.runs), _ratio(figure, ours, theirs)]
            rows.append(row)
    return ["## Others", "", "The ratio is to this manager with Scaler %s. Their own imports are not in their times." % release, "",
            *_table(head, rows), ""]


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return ["| %s |" % " | ".join(line) for line in lines]
