"""The plots, as SVG: plot.py RESULTS FOLDER. Run it with the Python of .venvs/bench, which has matplotlib."""

import pathlib
import statistics
import sys

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot, ticker

from . import fixed, growth, peers, tasks
from .contest import Setting
from .manager import FALLBACK, NATIVE, PYTHON
from .results import Results, median_curve, number

WIDTH = 8.6  # inches: a README shows it without scaling
NAMES = {NATIVE: "this manager", FALLBACK: "this, with Scaler's agents", PYTHON: "Python manager", **peers.PEERS}
COLOURS = {
    NATIVE: "#1b7f3b",
    FALLBACK: "#c08a00",
    PYTHON: "#b3261e",
    "dask": "#1f4e9c",
    "ray": "#7d4fb3",
    "fork": "#555555",
}
STYLES = "-", "--"  # of the first and of the second Python, or of the newest and of the older release


def start(results):
    figure, axes = pyplot.subplots(figsize=(WIDTH, 4.4), layout="constrained")
    setting = _first(results)
    for kind, name in NAMES.items():
        curves = results.of(setting, kind, peers.CURVE if kind in peers.PEERS else fixed.CURVE)
        if curves:
            curve = median_curve(curves)
            label = "%s: %s s" % (name, number(curve[-1]))
            axes.step(curve, range(1, len(curve) + 1), where="post", color=COLOURS[kind], label=label, linewidth=2)
            axes.plot(curve[-1:], [len(curve)], "o", color=COLOURS[kind], markersize=5)
    axes.set(xscale="log", xlabel="seconds since the command", ylabel="workers registered", ylim=(0, fixed.WORKERS + 2))
    axes.set_xlim(left=0.005)
    axes.set_yticks(range(0, fixed.WORKERS + 1, 16))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_title("64 workers in fixed mode, " + str(setting))
    _finish(figure, axes)
    return figure


def memory(results):
    figure, axes = pyplot.subplots(figsize=(WIDTH, 4.8), layout="constrained")
    for kind in (NATIVE, FALLBACK, PYTHON):
        for python, style in zip(results.pythons, STYLES):
            setting = Setting(results.releases[-1], python)
            of = {count: results.of(setting, kind, weight) for count, weight in fixed.MEMORY.items()}
            for count, figures in growth.FIGURES.items():
                of[count] = of.get(count) or results.of(setting, kind, figures[growth.MEMORY])
            _draw(axes, of, COLOURS[kind], style, "%s, Python %s" % (NAMES[kind], python))
    for kind in peers.PEERS:
        _draw(axes, {fixed.WORKERS: results.of(_first(results), kind, peers.MEMORY)}, COLOURS[kind], "", NAMES[kind])
    axes.set(xscale="log", yscale="log", xlabel="workers", ylabel="MB, PSS of the whole tree")
    axes.set_title("Memory over workers, Scaler %s" % results.releases[-1])
    _number_workers(axes, [*growth.COUNTS, *fixed.SMALLER])
    _number_up(axes)
    _finish(figure, axes)
    return figure


def throughput(results):
    figure, axes = pyplot.subplots(figsize=(WIDTH, 4.4), layout="constrained")
    for kind in (NATIVE, FALLBACK, PYTHON):
        for release, style in zip(reversed(results.releases), STYLES):
            setting = Setting(release, results.pythons[0])
            of = {count: results.of(setting, kind, rate) for count, rate in tasks.RATE.items()}
            _draw(axes, of, COLOURS[kind], style, "%s, Scaler %s" % (NAMES[kind], release))
    for kind in peers.WORKING:
        of = {count: results.of(_first(results), kind, rate) for count, rate in peers.RATE.items()}
        _draw(axes, of, COLOURS[kind], "-", NAMES[kind])
    axes.set(xscale="log", yscale="log", xlabel="workers", ylabel="tiny tasks a second")
    axes.set_title("Throughput over workers, Python %s" % results.pythons[0])
    _number_workers(axes, sorted(tasks.RATE))
    _number_up(axes)
    _finish(figure, axes)
    return figure


def grown(results):
    panels = [panel for panel in growth.PANELS if panel != growth.THREADS]
    figure, grid = pyplot.subplots(4, 3, figsize=(WIDTH, 9.2), layout="constrained", sharex=True)
    for axes, panel in zip(grid.flat, panels):
        for python, style, colour in zip(results.pythons, STYLES, (COLOURS[NATIVE], "#1f4e9c")):
            setting = Setting(results.releases[-1], python)
            of = {count: results.of(setting, NATIVE, figures[panel]) for count, figures in growth.FIGURES.items()}
            _draw(axes, of, colour, style, "Python %s" % python)
        axes.set(xscale="log", yscale="log")
        axes.set_title(panel, fontsize=9)
        axes.tick_params(which="both", labelsize=8)
        _number_workers(axes, growth.COUNTS)
        _number_up(axes)
        axes.grid(alpha=0.3)
    figure.suptitle("From 1 to 1000 workers of this manager, Scaler %s" % results.releases[-1], fontsize=11)
    figure.supxlabel("workers", fontsize=9)
    figure.legend(
        *grid.flat[0].get_legend_handles_labels(), loc="outside lower right", ncols=2, frameon=False, fontsize=9
    )
    return figure


def _first(results):
    return Setting(results.releases[-1], results.pythons[0])


def _draw(axes, of, colour, style, label):
    """Plot medians by the number of workers, if there are any."""
    points = [(count, statistics.median(values)) for count, values in sorted(of.items()) if values]
    if points:
        axes.plot(*zip(*points), linestyle=style, marker="o", markersize=4, color=colour, label=label)


def _number_workers(axes, counts):
    axes.set_xticks(sorted(set(counts)), labels=map(str, sorted(set(counts))))
    axes.xaxis.set_minor_locator(ticker.NullLocator())


def _number_up(axes):
    """Label the y axis with plain numbers, also between the powers of ten if there is room."""
    for which in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        which(_Plain(labelOnlyBase=False, minor_thresholds=(1.5, 0.5)))


class _Plain(ticker.LogFormatter):
    def __call__(self, x, pos=None):
        return super().__call__(x, pos) and "%g" % x


def _finish(figure, axes):
    axes.grid(alpha=0.3, which="both")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)


PLOTS = {"start": start, "memory": memory, "throughput": throughput, "growth": grown}


def draw(results, folder, kind="svg"):
    # The hash salt makes the files reproducible. Texts that stay texts make them a third smaller.
    matplotlib.rcParams.update({"svg.hashsalt": "scaler-native", "svg.fonttype": "none", "font.size": 10})
    matplotlib.rcParams["font.sans-serif"] = ["DejaVu Sans", "Verdana", "sans-serif"]
    for name, plot in PLOTS.items():
        figure = plot(results)
        figure.savefig(
            folder / ("%s.%s" % (name, kind)), metadata={"Date": None, "Creator": None} if kind == "svg" else None
        )
        pyplot.close(figure)


if __name__ == "__main__":
    draw(Results.load(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2]), *sys.argv[3:])
