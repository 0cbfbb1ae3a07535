"""Figures: what is measured, with a name, a unit and perhaps a goal."""

import statistics
from typing import NamedTuple, Optional


class Goal(NamedTuple):
    """A goal for the ratio to the Python manager, or for the figure itself."""

    text: str
    ratio: Optional[float] = None  # at least
    limit: Optional[float] = None  # at most


def times(factor):
    return Goal("at least %gx" % factor, ratio=factor)


def share(text, part):
    """At most this part, or multiple, of the Python manager's figure."""
    return Goal("at most %s Python's" % text, ratio=1 / part)


def at_most(limit, unit=""):
    return Goal(("at most %g %s" % (limit, unit)).strip(), limit=limit)


class Figure(NamedTuple):
    name: str
    unit: str = ""
    goal: Optional[Goal] = None
    immortal: Optional[Goal] = None  # the goal with Pythons that have immortal objects: 3.12 and newer
    more: bool = False  # whether more is better
    shown: bool = True  # whether the table shows it

    def label(self):
        return "%s (%s)" % (self.name, self.unit) if self.unit else self.name

    def goal_with(self, python):
        """The goal with a version of Python, such as 3.11."""
        immortal = tuple(map(int, python.split("."))) >= (3, 12)
        return self.immortal if immortal and self.immortal else self.goal

    def ratio(self, ours, theirs):
        """How many times better our median is than theirs; None if there is nothing to compare."""
        if not ours or not theirs:
            return None
        over, under = statistics.median(theirs), statistics.median(ours)
        if self.more:
            over, under = under, over
        return over / under if under > 0 else None

    def met(self, python, ours, theirs):
        """Whether the goal is met; None if there is no goal, or nothing to compare."""
        goal = self.goal_with(python)
        if not goal or not ours:
            return None
        if goal.limit is not None:
            return statistics.median(ours) <= goal.limit
        ratio = self.ratio(ours, theirs)
        return None if ratio is None else ratio >= goal.ratio
