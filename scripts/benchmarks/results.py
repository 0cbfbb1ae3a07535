"""The results: a record of each turn in a JSON file, from which tables are made and a run is resumed."""

import json
import os
import statistics

from .load import Load


class Results:
    """`made` describes the run: releases, Pythons, number of runs, machine, binary, and what is missing."""

    def __init__(self, made, records=()):
        self.made = made
        self.records = list(records)
        self.releases = made["releases"]
        self.pythons = made["pythons"]

    @classmethod
    def load(cls, path):
        content = json.loads(path.read_text())
        return cls(content["made"], content["records"])

    def save(self, path):
        """Replace the file atomically."""
        path.parent.mkdir(exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps({"made": self.made, "records": self.records}, indent=1) + "\n")
        os.replace(new, path)

    def has(self, turn):
        return any(record["turn"] == turn.key for record in self.records)

    def add(self, turn, attempts, seconds):
        values = {figure.name: value for figure, value in attempts.values.items() if value is not None}
        record = {"values": values, "load": attempts.load._asdict(), "thrown": attempts.thrown}
        self.records.append({"turn": turn.key, "seconds": seconds, **record})

    def fail(self, turn, error, seconds):
        self.records.append({"turn": turn.key, "seconds": seconds, "error": "%s: %s" % (turn, error)})

    def forget_failures(self):
        self.records = [record for record in self.records if "error" not in record]

    def of(self, setting, kind, figure):
        """The values of all runs."""
        return [
            record["values"][figure.name]
            for record in self._of(setting, kind)
            if figure.name in record.get("values", ())
        ]

    def others(self, setting, figure, kind=None):
        """The highest load by other processes while a figure was measured, as a part of all CPUs."""
        records = (record for record in self._of(setting, kind) if figure.name in record.get("values", ()))
        return max((record["load"]["others"] for record in records), default=None)

    def failed(self, setting, kind, measurement):
        return any("error" in record and record["turn"][1] == measurement.name for record in self._of(setting, kind))

    @property
    def seconds(self):
        return sum(record["seconds"] for record in self.records)

    @property
    def failures(self):
        return [record["error"] for record in self.records if "error" in record]

    @property
    def thrown(self):
        return sum(record.get("thrown", 0) for record in self.records)

    @property
    def loud(self):
        """How many turns are kept although the machine was not quiet."""
        return sum(not Load(**record["load"]).quiet for record in self.records if "load" in record)

    def _of(self, setting, kind=None):
        return [
            record
            for record in self.records
            if record["turn"][2:4] == list(setting) and kind in (None, record["turn"][4])
        ]


def median_curve(curves):
    """The curve with the median time of its last worker."""
    return sorted(curves, key=lambda curve: curve[-1])[(len(curves) - 1) // 2]


def number(value):
    return "%.0f" % value if abs(value) >= 1000 else "%.3g" % value


def spread(values):
    """Minimum, median and maximum; or the only value, marked as such."""
    if not values:
        return "-"
    if len(values) == 1:
        return "**%s** (once)" % number(values[0])
    return "%s / **%s** / %s" % tuple(number(f(values)) for f in (min, statistics.median, max))
