"""The order of measurements: the contestants take turns, so that a machine whose speed drifts is fair to all."""

from typing import Any, NamedTuple

from .contest import Setting
from .manager import KINDS
from .peers import PEERS


class Turn(NamedTuple):
    run: int
    measurement: Any
    setting: Setting
    kind: str

    @property
    def key(self):
        return [self.run, self.measurement.name, *self.setting, self.kind]

    def __str__(self):
        return "%s, %s, %s" % (self.measurement.name, self.setting, self.kind)


def settings(releases, pythons):
    """Every release with each Python."""
    return [Setting(release, python) for python in pythons for release in releases]


def turns(measurements, releases, pythons, runs):
    """All turns in order. The first run has each of them once, so that the results are complete early."""
    for run in range(runs):
        for measurement in measurements:
            for setting in settings(releases, pythons):
                older, second = setting.release != releases[-1], setting.python != pythons[0]
                kinds = [kind for kind in (*KINDS, *PEERS) if measurement.times(kind, older, second) > run]
                # The second contestant finds warm caches, so that in every other run the order is reversed.
                for kind in kinds if run % 2 == 0 else reversed(kinds):
                    yield Turn(run, measurement, setting, kind)
