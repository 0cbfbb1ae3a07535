import unittest

from benchmarks.catalogue import CHOSEN, MEASUREMENTS
from benchmarks.figures import Figure, at_most, share, times


class Goals(unittest.TestCase):
    def test_ratio_is_of_medians_and_above_one_where_ours_is_better(self):
        self.assertEqual(Figure("less").ratio([1, 2, 90], [8, 1, 80]), 4)
        self.assertEqual(Figure("more", more=True).ratio([8], [2]), 4)
        self.assertIsNone(Figure("alone").ratio([1], []))
        self.assertIsNone(Figure("nothing").ratio([0], [1]))

    def test_goal_for_a_ratio(self):
        figure = Figure("start", "s", times(40))
        self.assertTrue(figure.met("3.11", [1], [40]))
        self.assertFalse(figure.met("3.11", [1], [39]))
        self.assertIsNone(figure.met("3.11", [1], []))
        self.assertTrue(Figure("memory", "MB", share("a seventh of", 1 / 7)).met("3.11", [1], [7.01]))
        self.assertTrue(Figure("fleet", "ms/s", share("twice", 2)).met("3.11", [2], [1]))

    def test_goal_for_the_figure_itself_needs_nobody_else(self):
        figure = Figure("stop", "s", at_most(3, "s"))
        self.assertTrue(figure.met("3.11", [1, 3, 9], []))
        self.assertFalse(figure.met("3.11", [1, 3.1, 9], []))
        self.assertIsNone(figure.met("3.11", [], [1]))
        self.assertIsNone(Figure("no goal").met("3.11", [1], [1]))

    def test_another_goal_where_objects_are_immortal(self):
        figure = Figure("memory", "MB", at_most(5000), at_most(3000))
        self.assertEqual(
            [figure.met(python, [4000], []) for python in ("3.9", "3.11", "3.12", "3.13")], [True, True, False, False]
        )
        self.assertTrue(Figure("same", "", at_most(1)).met("3.13", [1], []))


class Catalogue(unittest.TestCase):
    def test_names_are_unique_for_results_are_kept_by_them(self):
        for names in (
            [measurement.name for measurement in MEASUREMENTS],
            [figure.name for measurement in MEASUREMENTS for figure in measurement.figures],
        ):
            self.assertEqual(len(names), len(set(names)))

    def test_what_the_readme_shows_is_measured(self):
        for figure, second in CHOSEN:
            (measurement,) = [measurement for measurement in MEASUREMENTS if figure in measurement.figures]
            self.assertTrue(measurement.second if second else measurement.runs)
            self.assertTrue(figure.goal_with("3.11"))


if __name__ == "__main__":
    unittest.main()
