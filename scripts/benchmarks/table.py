"""The results as Markdown: all of them for docs/benchmarks.md, and a few for the README."""

import statistics

from . import fixed, growth, peers, tasks
from .contest import Setting
from .load import QUIET
from .manager import FALLBACK, NATIVE, PYTHON
from .results import number, spread

MET = {True: "met", False: "**missed**", None: ""}
PLOTS = {
    "start": "64 workers registered over time, in fixed mode",
    "memory": "Memory over workers",
    "throughput": "Tiny tasks a second over workers",
    "growth": "What one to a thousand workers of this manager cost",
}
HEAD = ("", "this manager", "with Scaler's agents", "Python manager", "ratio", "goal", "", "others")


def whole(results, measurements):
    lines = ["# Benchmarks", "", *_made(results), ""]
    for python in results.pythons:
        for release in results.releases:
            setting = Setting(release, python)
            rows = list(_rows(results, measurements, setting))
            if rows:
                lines += ["## " + str(setting), "", *_table(HEAD, rows), ""]
    for python, reason in results.made["missing"].items():
        lines += ["## Python " + python, "", reason, ""]
    lines += _peers(results)
    if results.failures:
        lines += ["## Failed", "", *["- " + failure for failure in results.failures], ""]
    for name, title in PLOTS.items():
        lines += ["## " + title, "", "![%s](benchmarks/%s.svg)" % (title, name), ""]
    return "\n".join(lines + _growth(results))


def summary(results, chosen):
    """The medians of chosen figures with the newest release, and one plot."""
    head = ["`make bench`, Scaler %s, medians" % results.releases[-1], "this manager", "Python's", "times better"]
    rows = []
    for figure, second in chosen:
        if second >= len(results.pythons):
            continue
        python = results.pythons[second]
        setting = Setting(results.releases[-1], python)
        ours, theirs = (results.of(setting, kind, figure) for kind in (NATIVE, PYTHON))
        name = "%s, Python %s" % (figure.label(), python) if second else figure.label()
        medians = [number(statistics.median(values)) if values else "-" for values in (ours, theirs)]
        rows.append([name, *medians, _ratio(figure, ours, theirs)])
    return "\n".join([*_table(head, rows), "", "![%s](docs/benchmarks/start.svg)" % PLOTS["start"]])


def _made(results):
    made, turns = results.made, len(results.records)
    return [
        "Made by `make bench`: %d measurements in %.0f minutes, %s. Minimum, **median** and maximum of up to %d runs;"
        " costly measurements ran once. The ratio says how many times better this manager's median is than that of"
        " Scaler's Python manager, whose turn came right before or after in the same run. *With Scaler's agents* is"
        " this manager with `--worker-agent scaler`." % (turns, results.seconds / 60, made["machine"], made["runs"]),
        "",
        "The last column is the load by other processes, as a part of all CPUs, in the worst turn of a row. A turn with"
        " more than %.0f %% was discarded and repeated: %d were. %d were kept although the machine was never quiet."
        % (QUIET * 100, results.thrown, results.loud),
    ]


def _rows(results, measurements, setting):
    for measurement in measurements:
        failed = {kind for kind in (NATIVE, FALLBACK, PYTHON) if results.failed(setting, kind, measurement)}
        for figure in measurement.figures:
            values = {kind: results.of(setting, kind, figure) for kind in (NATIVE, FALLBACK, PYTHON)}
            if figure.shown and (failed or any(values.values())):
                cells = ["**failed**" if kind in failed else spread(values[kind]) for kind in values]
                judged = ["", "", ""] if failed else _judged(figure, setting.python, values[NATIVE], values[PYTHON])
                yield [figure.label(), *cells, *judged, _percent(results.others(setting, figure))]


def _judged(figure, python, ours, theirs):
    goal = figure.goal_with(python)
    return [_ratio(figure, ours, theirs), goal.text if goal else "", MET[figure.met(python, ours, theirs)]]


def _ratio(figure, ours, theirs):
    ratio = figure.ratio(ours, theirs)
    return "" if ratio is None else number(ratio)


def _percent(part):
    if part is None:
        return ""
    return ("%.1f %%" if part <= QUIET else "**%.1f %%**") % (part * 100)


def _peers(results):
    """The peers, compared with the newest release and the first Python."""
    setting = Setting(results.releases[-1], results.pythons[0])
    compared = [
        ("64 workers started (s)", fixed.REGISTERED, peers.STARTED),
        ("memory, PSS (MB)", fixed.MEMORY[fixed.WORKERS], peers.MEMORY),
        *(
            ("tiny tasks over %d workers (1/s)" % count, tasks.RATE[count], figure)
            for count, figure in peers.RATE.items()
        ),
    ]
    rows = []
    for kind, title in peers.PEERS.items():
        if kind in results.made["absent"]:
            rows.append([title, "could not be installed"] + [""] * (2 * len(compared)))
            continue
        row = [title]
        for _, figure, theirs in compared:
            values = results.of(setting, kind, theirs)
            row += [spread(values), _ratio(figure, results.of(setting, NATIVE, figure), values)]
        loads = [results.others(setting, theirs, kind) for _, _, theirs in compared]
        if any(load is not None for load in loads):
            rows.append(row + [_percent(max(load for load in loads if load is not None))])
    if not rows:
        return []
    head = ["", *(cell for title, _, _ in compared for cell in (title, "ratio")), "others"]
    text = "The ratio is to this manager with %s. The times do not include the peers' own imports." % str(setting)
    return ["## Others", "", text, "", *_table(head, rows), ""]


def _growth(results):
    """The numbers of the last plot."""
    lines = []
    for python in results.pythons:
        setting, rows = Setting(results.releases[-1], python), []
        for panel in growth.PANELS:
            values = [results.of(setting, NATIVE, figures[panel]) for figures in growth.FIGURES.values()]
            if any(values):
                rows.append([panel, *(number(statistics.median(of)) if of else "-" for of in values)])
        if rows:
            lines += [*_table([str(setting), *map(str, growth.COUNTS)], rows), ""]
    return lines


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return ["| %s |" % " | ".join(line) for line in lines]
