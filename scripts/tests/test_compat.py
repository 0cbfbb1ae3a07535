import unittest

from compat import table

RESULTS = {
    "1.26.0": {
        "3.8": {"agent": "native", "why": "", "failed": [], "undeclared": ["module", "an_other"]},
        "3.14": {"missing": "no matching distribution"},
    },
    "2.10.0": {
        "3.11": {"agent": "scaler", "why": "it is not known.", "failed": []},
        "3.14": {"agent": "", "why": "", "failed": ["fixed: nested", "dynamic: cancel"], "own": []},
    },
}


class Table(unittest.TestCase):
    def test_rows_are_releases_and_columns_pythons_by_number(self):
        page = table.render(RESULTS)
        self.assertIn("| Scaler | 3.8 | 3.11 | 3.14 |\n| --- | --- | --- | --- |\n", page)
        self.assertIn("| 2.10.0 | not tried | Scaler's | fails |\n| 1.26.0 | native | not tried | - |\n", page)

    def test_notes_tell_why(self):
        page = table.render(RESULTS)
        self.assertIn("- 2.10.0, Python 3.11: it is not known.\n", page)
        self.assertIn(
            "- 2.10.0, Python 3.14 fails: fixed: nested; dynamic: cancel. Scaler's own manager passes.\n", page
        )
        self.assertIn("- 1.26.0, Python 3.8: it imports module, an_other without declaring it.\n", page)

    def test_failures_are_counted_and_missing_releases_are_not(self):
        self.assertEqual(table.failed(RESULTS), ["Scaler 2.10.0, Python 3.14: fixed: nested; dynamic: cancel"])
        self.assertEqual(table.failed({"1.26.0": RESULTS["1.26.0"]}), [])


if __name__ == "__main__":
    unittest.main()
