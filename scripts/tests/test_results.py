import pathlib
import tempfile
import unittest

from benchmarks import fixed, peers, table
from benchmarks.catalogue import MEASUREMENTS, Measurement
from benchmarks.contest import Setting
from benchmarks.figures import Figure, at_most, times
from benchmarks.load import Attempts, Load
from benchmarks.manager import FALLBACK, NATIVE, PYTHON
from benchmarks.results import Results, median_curve, number, spread
from benchmarks.turns import Turn

START, STOP, HIDDEN = Figure("start", "s", times(40)), Figure("stop", "s", at_most(1)), Figure("curve", shown=False)
MADE = {"releases": ["1.0", "2.0"], "pythons": ["3.11"], "missing": {}, "absent": [], "runs": 3, "machine": "a machine"}
NEWEST = Setting("2.0", "3.11")
MEASURED = Measurement("fixed", None, [START, STOP, HIDDEN])


def results(**made):
    return Results({**MADE, **made})


def add(results, kind, values, others=0.0, thrown=0, run=0, setting=NEWEST, measurement=MEASURED):
    results.add(Turn(run, measurement, setting, kind), Attempts(values, Load(0, others), thrown), 60)


class Kept(unittest.TestCase):
    def test_a_file_gives_the_same_again(self):
        made = results()
        add(made, NATIVE, {START: 1.5, HIDDEN: [1, 2], STOP: None}, others=0.2, thrown=2)
        made.fail(Turn(0, MEASURED, NEWEST, PYTHON), OSError("no"), 1)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "new" / "bench.json"
            made.save(path)
            again = Results.load(path)
        self.assertEqual((again.made, again.records), (made.made, made.records))
        self.assertEqual(again.of(NEWEST, NATIVE, START), [1.5])
        self.assertEqual(again.of(NEWEST, NATIVE, STOP), [])

    def test_what_failed_is_taken_again_and_nothing_else(self):
        made, (good, bad) = results(), (Turn(0, MEASURED, NEWEST, kind) for kind in (NATIVE, PYTHON))
        add(made, NATIVE, {START: 1})
        made.fail(bad, OSError("no"), 1)
        self.assertEqual(len(made.failures), 1)
        made.forget_failures()
        self.assertEqual([made.has(good), made.has(bad), made.has(good._replace(run=1))], [True, False, False])

    def test_how_loud_it_was(self):
        made = results()
        add(made, NATIVE, {START: 1}, others=0.01, thrown=2)
        add(made, PYTHON, {START: 1}, others=0.3, thrown=1)
        self.assertEqual((made.thrown, made.loud, made.others(NEWEST, START)), (3, 1, 0.3))
        self.assertIsNone(made.others(NEWEST, STOP))

    def test_numbers(self):
        self.assertEqual([number(value) for value in (0.12345, 12.345, 1234.5)], ["0.123", "12.3", "1234"])
        self.assertEqual([spread(values) for values in ([], [1], [3, 1, 2])], ["-", "**1** (once)", "1 / **2** / 3"])
        self.assertEqual(median_curve([[1, 9], [1, 2], [1, 5]]), [1, 5])


class Table(unittest.TestCase):
    def row(self, made, name, text=None):
        text = text or table.whole(made, [MEASURED])
        (line,) = [line for line in text.splitlines() if line.startswith("| " + name)]
        return [cell.strip() for cell in line.strip("|").split("|")]

    def test_row(self):
        made = results()
        for run in range(3):
            add(made, NATIVE, {START: 1 + run, STOP: 2, HIDDEN: [1]}, run=run)
        add(made, FALLBACK, {START: 4, STOP: 2, HIDDEN: [1]})
        add(made, PYTHON, {START: 100, STOP: 2, HIDDEN: [1]}, others=0.061)
        expected = [
            "start (s)",
            "1 / **2** / 3",
            "**4** (once)",
            "**100** (once)",
            "50",
            "at least 40x",
            "met",
            "**6.1 %**",
        ]
        self.assertEqual(self.row(made, "start"), expected)
        self.assertEqual(self.row(made, "stop")[4:7], ["1", "at most 1", "**missed**"])
        self.assertNotIn("curve", table.whole(made, [MEASURED]))
        self.assertNotIn("Scaler 1.0", table.whole(made, [MEASURED]))

    def test_failure(self):
        made = results()
        add(made, NATIVE, {START: 1, STOP: 1, HIDDEN: []})
        made.fail(Turn(0, MEASURED, NEWEST, PYTHON), OSError("no room"), 1)
        self.assertEqual(self.row(made, "start"), ["start (s)", "**1** (once)", "-", "**failed**", "", "", "", "0.0 %"])
        self.assertIn("- fixed, Scaler 2.0, Python 3.11, python: no room", table.whole(made, [MEASURED]))

    def test_what_is_not_on_this_machine_is_said(self):
        text = table.whole(results(missing={"3.13": "No Python 3.13 on this machine."}, absent=["ray"]), [MEASURED])
        self.assertIn("## Python 3.13\n\nNo Python 3.13 on this machine.\n", text)
        self.assertIn("| Ray's actors | could not be installed |", text)

    def test_peers_are_compared_with_the_newest_release(self):
        made = results()
        by_name = {measurement.name: measurement for measurement in MEASUREMENTS}
        add(made, NATIVE, {fixed.REGISTERED: 0.5}, measurement=by_name["fixed"])
        add(made, "dask", {peers.STARTED: 10, peers.CURVE: [10], peers.MEMORY: 100}, 0.02, measurement=by_name["peers"])
        row = self.row(made, "Dask")
        self.assertEqual(row[:4], ["Dask's LocalCluster", "**10** (once)", "20", "**100** (once)"])
        self.assertEqual(row[-1], "2.0 %")

    def test_summary_shows_medians_and_the_second_python_if_there_is_one(self):
        chosen = [(START, False), (START, True)]
        made = results(pythons=["3.11", "3.13"])
        add(made, NATIVE, {START: 1})
        add(made, PYTHON, {START: 30})
        add(made, NATIVE, {START: 2}, setting=Setting("2.0", "3.13"))
        text = table.summary(made, chosen)
        self.assertEqual(self.row(made, "start (s) |", text), ["start (s)", "1", "30", "30"])
        self.assertEqual(self.row(made, "start (s), Python 3.13", text)[1:], ["2", "-", ""])
        self.assertNotIn("3.13", table.summary(results(), chosen))


if __name__ == "__main__":
    unittest.main()
