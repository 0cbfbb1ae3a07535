import pathlib
import tarfile
import tempfile
import unittest
from unittest import mock

import release


class Archive(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def pack(self, folder):
        dist = self.root / folder
        dist.mkdir()
        binary = dist / "binary"
        binary.write_bytes(b"program")
        with mock.patch.object(release, "DIST", dist):
            release.pack("linux/amd64", binary, {"LICENSE": b"text", "completions/bash/program": b"script"})
        (archive,) = dist.glob("*-linux-amd64.tar.gz")
        return archive

    def test_holds_the_binary_under_both_names(self):
        with tarfile.open(self.pack("one")) as archive:
            members = {member.name.split("/", 1)[1]: member for member in archive}
        self.assertEqual(
            set(members), {"LICENSE", "completions/bash/program", "bin/scaler_worker_manager", "bin/scaler-native"}
        )
        self.assertEqual(members["bin/scaler_worker_manager"].mode, 0o755)
        self.assertEqual(members["LICENSE"].mode, 0o644)
        self.assertEqual(members["bin/scaler-native"].linkname, "scaler_worker_manager")

    def test_is_the_same_whenever_and_wherever_it_is_made(self):
        self.assertEqual(self.pack("one").read_bytes(), self.pack("once more").read_bytes())

    def test_sums_are_those_that_sha256sum_checks(self):
        (self.root / "file").write_bytes(b"")
        with mock.patch.object(release, "DIST", self.root):
            release.sums()
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        self.assertEqual((self.root / "SHA256SUMS").read_text(), empty + "  file\n")


class Bill(unittest.TestCase):
    def test_names_nothing_that_has_no_address(self):
        program = {
            "bom-ref": "program@1",
            "name": "program",
            "externalReferences": [{"url": "https://example.org/program"}],
        }
        parts = [{"bom-ref": "library@2", "name": "library"}, {"bom-ref": "python@(devel)", "name": "../python"}]
        depends = [{"ref": "program@1", "dependsOn": ["library@2", "../python@(devel)"]}, {"ref": "library@2"}]
        depends.append({"ref": "../python@(devel)"})
        complete = [{"aggregate": "complete", "dependencies": ["program@1", "../python@(devel)"]}]
        bill = {
            "metadata": {"component": program},
            "components": parts,
            "dependencies": depends,
            "compositions": complete,
        }
        release.honest(bill)
        self.assertEqual([component["name"] for component in bill["components"]], ["library"])
        wanted = [{"ref": "program@1", "dependsOn": ["library@2"]}, {"ref": "library@2", "dependsOn": []}]
        self.assertEqual(bill["dependencies"], wanted)
        for absent in ("example.org", "../python"):
            self.assertNotIn(absent, str(bill))


if __name__ == "__main__":
    unittest.main()
