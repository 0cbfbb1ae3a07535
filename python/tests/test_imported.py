"""The modules that a processor shares with the host, and what tasks add to them."""

import sys
import sysconfig
import types
import unittest

from scaler_native.host import imported


class ImportedTest(unittest.TestCase):
    def setUp(self):
        self.modules = dict(sys.modules)
        for number in range(20):
            self.add("old_%d" % number)
        self.addCleanup(self.restore)
        imported.note()

    def restore(self):
        sys.modules.clear()
        sys.modules.update(self.modules)

    def add(self, name):
        sys.modules[name] = types.ModuleType(name)
        return sys.modules[name]

    def test_sizes_are_read_where_they_can_be(self):
        free_threaded = sysconfig.get_config_var("Py_GIL_DISABLED")
        if sys.implementation.name == "cpython" and imported.ctypes is not None and not free_threaded:
            self.assertEqual(len(imported._addresses), len(imported._dicts))

    def test_nothing_is_added(self):
        self.assertEqual((imported.added_modules(), imported.added_names()), ([], []))

    def test_added_names(self):
        module = sys.modules["old_3"]
        module.kept = self
        before = len(vars(module)) - 1
        for how in ("as they can be", "one by one"):
            with self.subTest(how):
                self.assertEqual(imported.added_names(), [(vars(module), before)])
            del imported._addresses[:]

    def test_added_modules(self):
        first, second = self.add("new_1"), self.add("new_2")
        self.assertEqual(imported.added_modules(), [first, second])

    def test_module_in_the_place_of_another(self):
        first = self.add("new_1")
        del sys.modules["old_5"]
        another = self.add("old_5")
        self.assertEqual(imported.added_modules(), [first, another])

    def test_modules_that_were_away(self):
        first = self.add("new_1")
        for name in ("old_1", "old_2", "old_3"):
            sys.modules[name] = sys.modules.pop(name)
        self.assertEqual(imported.added_modules(), [first])

    def test_what_is_no_module(self):
        sys.modules["thing"] = thing = object()
        self.assertEqual(imported.added_modules(), [thing])
        self.assertIsNone(imported.names_of(thing))


if __name__ == "__main__":
    unittest.main()
