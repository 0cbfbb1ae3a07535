import os
import subprocess
import sys
import tempfile
import unittest

from benchmarks import leftovers, load
from benchmarks.load import Load, Patience, quietly


def attempts(*others):
    """Measurements of a machine that gets so loud, one after the other."""
    left = list(others)
    return lambda: ("values while %g" % left[0], Load(0, left.pop(0)))


class Quiet(unittest.TestCase):
    def test_the_first_quiet_attempt_stands(self):
        made = quietly(attempts(0.5, 0.3, 0.01, 0), Patience(60))
        self.assertEqual(made, ("values while 0.01", Load(0, 0.01), 2))

    def test_nothing_is_thrown_out_on_a_quiet_machine(self):
        self.assertEqual(quietly(attempts(load.QUIET), Patience(60)).thrown, 0)

    def test_the_quietest_stands_when_the_machine_never_is(self):
        made = quietly(attempts(0.5, 0.2, 0.4, 0), Patience(60))
        self.assertEqual(made, ("values while 0.2", Load(0, 0.2), 2))
        self.assertFalse(made.load.quiet)

    def test_patience_ends(self):
        self.assertEqual(quietly(attempts(0.5, 0), Patience(0)).thrown, 0)

    def test_waiting_spends_patience(self):
        self.addCleanup(setattr, load, "QUIET", load.QUIET)
        load.QUIET = -1  # no machine is as quiet
        patience = Patience(0.6)
        load.await_quiet(patience)
        self.assertLess(patience.left, 0.6)

    def test_what_is_measured_is_not_others(self):
        work = [sys.executable, "-c", "import time\nwhile time.process_time() < 1: pass"]
        watch = load.Watch()
        subprocess.run(work, check=True)
        (busy, _), (busy_then, _) = load._counts(), watch._counts
        # What others do meanwhile, and ticks, are no part of it.
        self.assertGreater(busy - busy_then, 0.5)
        self.assertGreater(load._own() - watch._own, 0.9)
        busy, others = watch.busy()
        self.assertLess(others, busy)


class Leftovers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def make(self, name):
        return open(os.path.join(self.folder, name), "w")

    def test_only_what_is_new_and_nobodys_goes(self):
        self.make("before").close()
        with self.make("held") as held:
            with leftovers.cleared(self.folder):
                self.make("left").close()
                held_meanwhile = self.make("open")
            held.write("x")
        self.assertEqual(sorted(os.listdir(self.folder)), ["before", "held", "open"])
        held_meanwhile.close()

    def test_also_when_what_was_measured_failed(self):
        with self.assertRaises(ZeroDivisionError), leftovers.cleared(self.folder):
            self.make("left").close()
            raise ZeroDivisionError
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
