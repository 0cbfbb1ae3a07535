"""A worker's process enters its cgroup before it does anything else."""

import os
import tempfile
import unittest

from scaler_native.host import settings


class CgroupTest(unittest.TestCase):
    def test_enters(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "cgroup.procs")
            with open(file, "w"):
                pass
            settings.apply({settings.CGROUP: folder})
            with open(file) as written:
                self.assertEqual(written.read(), "0")  # which stands for whoever writes it (cgroups(7))

    def test_no_such_cgroup(self):
        before = os.environ.copy()
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(FileNotFoundError):
                settings.apply({settings.CGROUP: folder, settings.ENVIRONMENT: {"LATE": "1"}})
        self.assertEqual(os.environ.copy(), before)


if __name__ == "__main__":
    unittest.main()
