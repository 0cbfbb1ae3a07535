"""Who is measured when: the contestants take turns, so that a machine whose speed drifts is fair to all."""

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
    """Own and second Python, each with every release."""
    return [Setting(release, python) for python in pythons for release in releases]


def turns(measurements, releases, pythons, runs):
    """All turns in order. The first run has everything once, so that one that is cut short has no holes."""
    for run in range(runs):
        for measurement in measurements:
            for setting in settings(releases, pythons):
                older, second = setting.release != releases[-1], setting.python != pythons[0]
                kinds = [kind for kind in (*KINDS, *PEERS) if measurement.times(kind, older, second) > run]
                # Who comes second finds the machine warm: they take turns in that too.
                for kind in kinds if run % 2 == 0 else reversed(kinds):
                    yield Turn(run, measurement, setting, kind)
