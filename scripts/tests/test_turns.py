import unittest

from benchmarks.catalogue import Measurement
from benchmarks.manager import FALLBACK, NATIVE, PYTHON
from benchmarks.turns import turns

RELEASES, PYTHONS = ["1.26.6", "2.9.0"], ["3.11", "3.13"]


def listed(*measurements, runs=3, pythons=PYTHONS):
    return [turn.key for turn in turns(measurements, RELEASES, pythons, runs)]


class Turns(unittest.TestCase):
    def test_contestants_alternate_who_comes_second(self):
        keys = listed(Measurement("a", None, []), runs=2, pythons=["3.11"])
        self.assertEqual(
            [(run, release, kind) for run, _, release, _, kind in keys],
            [
                (0, "1.26.6", NATIVE),
                (0, "1.26.6", PYTHON),
                (0, "2.9.0", NATIVE),
                (0, "2.9.0", PYTHON),
                (1, "1.26.6", PYTHON),
                (1, "1.26.6", NATIVE),
                (1, "2.9.0", PYTHON),
                (1, "2.9.0", NATIVE),
            ],
        )

    def test_the_first_run_has_everything(self):
        costly = Measurement("costly", None, [], {NATIVE: 3, PYTHON: 1, FALLBACK: 1})
        keys = listed(costly, Measurement("cheap", None, []), pythons=["3.11"])

        def count(run, name, kind):
            return sum(key[:2] == [run, name] and key[4] == kind for key in keys)

        self.assertEqual([count(run, "costly", PYTHON) for run in range(3)], [2, 0, 0])
        self.assertEqual([count(run, "costly", FALLBACK) for run in range(3)], [2, 0, 0])
        self.assertEqual([count(run, "costly", NATIVE) for run in range(3)], [2, 2, 2])
        self.assertEqual([count(run, "cheap", PYTHON) for run in range(3)], [2, 2, 2])

    def test_second_python_and_older_releases_have_what_is_said_only(self):
        measurement = Measurement("a", None, [], second={NATIVE: 2}, older={PYTHON: 1})
        self.assertEqual(
            [(release, python, kind) for _, _, release, python, kind in listed(measurement, runs=1)],
            [
                ("1.26.6", "3.11", PYTHON),
                ("2.9.0", "3.11", NATIVE),
                ("2.9.0", "3.11", PYTHON),
                ("2.9.0", "3.13", NATIVE),
            ],
        )

    def test_fewer_runs_than_the_catalogue_has(self):
        self.assertEqual({key[0] for key in listed(Measurement("a", None, []), runs=1)}, {0})


if __name__ == "__main__":
    unittest.main()
