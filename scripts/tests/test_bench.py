import argparse
import pathlib
import tempfile
import unittest
from unittest import mock

import bench

from benchmarks.load import Attempts, Load
from benchmarks.results import Results

MADE = {
    "releases": ["1.0", "2.0"],
    "pythons": ["3.11"],
    "missing": {},
    "absent": [],
    "runs": 2,
    "machine": "m",
    "memory": 64,
}


def whole(**made):
    """Of which every turn has been taken; each says of what it is."""
    results = Results({**MADE, **made})
    for turn in bench.planned(results.made):
        values = dict.fromkeys(turn.measurement.figures, 1)
        results.add(turn, Attempts(values, Load(0, 0), 0), 1)
    return results


class Planned(unittest.TestCase):
    def test_what_is_not_possible_is_not_planned(self):
        def names(**made):
            return {(turn.measurement.name, turn.kind) for turn in bench.planned({**MADE, **made})}

        self.assertEqual(names() - names(memory=8), {("thousand", "native"), ("burst1000", "native")})
        self.assertEqual(names() - names(absent=["ray"]), {("peers", "ray"), ("peers-tasks", "ray")})

    def test_only_turns_of_the_first_run_are_lacking(self):
        results = whole()
        self.assertEqual(bench.lacking(results), [])
        taken = results.records
        results.records = [record for record in taken if record["turn"][0] == 0]
        self.assertEqual(bench.lacking(results), [])
        (gone,) = [
            record for record in taken if record["turn"][:3] == [0, "cancel", "1.0"] and record["turn"][4] == "native"
        ]
        results.records = [record for record in taken if record is not gone]
        self.assertEqual([turn.key for turn in bench.lacking(results)], [gone["turn"]])


class Measured(unittest.TestCase):
    def measure(self, results, **chosen):
        """The turns that are taken."""
        taken = []

        def take(turn, results, patience):
            taken.append(turn)
            results.add(turn, Attempts({}, Load(0, 0), 0), 60)

        chosen = argparse.Namespace(**{"patience": 0, "minutes": 1e6, "only": None, "who": None, **chosen})
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(bench, "take", take):
            chosen.file = pathlib.Path(folder) / "bench.json"
            bench.measure(results, chosen)
            if taken:
                self.assertEqual(Results.load(chosen.file).records, results.records)
        return taken

    def test_what_is_there_is_not_repeated(self):
        results = whole()
        self.assertEqual(self.measure(results), [])
        del results.records[5]
        self.assertEqual(len(self.measure(results)), 1)

    def test_when_it_is_late_only_the_first_run_goes_on(self):
        taken = self.measure(Results(MADE), minutes=3)
        self.assertEqual({turn.run for turn in taken}, {0})
        self.assertEqual(bench.lacking(Results(MADE)), taken)

    def test_a_part(self):
        taken = self.measure(Results(MADE), only=["fixed", "cancel"], who=["python"])
        self.assertEqual(
            {(turn.measurement.name, turn.kind) for turn in taken}, {("fixed", "python"), ("cancel", "python")}
        )


class Written(unittest.TestCase):
    def test_readme_changes_between_the_marks_only(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.multiple(
            bench, say=mock.DEFAULT, peers=mock.Mock(installed=lambda: False)
        ):
            docs = pathlib.Path(folder)
            readme = docs / "README.md"
            for _ in range(2):
                text = readme.read_text() if readme.exists() else "before\n%sold\n%safter\n" % bench.MARKS
                readme.write_text(text)
                bench.write(whole(), docs / "bench.json", docs, readme)
                text = readme.read_text()
                self.assertTrue(text.startswith("before\n" + bench.MARKS[0]))
                self.assertTrue(text.endswith(bench.MARKS[1] + "after\n"))
                self.assertNotIn("old", text)
                self.assertEqual(text.count("benchmarks/start.svg"), 1)
            self.assertIn("## Scaler 2.0, Python 3.11", (docs / "benchmarks.md").read_text())


if __name__ == "__main__":
    unittest.main()
