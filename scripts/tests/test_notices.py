import json
import pathlib
import tempfile
import unittest
from unittest import mock

import notices

MIT = "Copyright of somebody\n\nPermission is hereby granted, free of\ncharge, to any person"
BSD = "Redistribution and use. Neither the name of somebody"


class Notices(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path.parent

    def texts(self, *packages):
        """What is found when the binary has these packages of the module in self.root."""
        module = {"Path": "example.org/module", "Version": "v1.2.3", "Dir": str(self.root)}
        listed = [{"ImportPath": str(package), "Dir": str(package), "Module": module} for package in packages]
        own = {"ImportPath": "main", "Module": {"Path": notices.OURS + "go"}}
        listed += [{"ImportPath": "fmt", "Standard": True}, own]
        goroot = self.write("goroot/LICENSE", BSD)

        def go(command, *arguments, platform=None):
            return str(goroot) if command == "env" else "\n".join(map(json.dumps, listed))

        with mock.patch.object(notices.program, "go", go):
            return notices.texts()

    def test_licences_stand_in_the_module_and_nearer_to_the_package(self):
        self.write("LICENSE.txt", MIT)
        self.write("NOTICE", "Made by somebody")
        self.write("other/LICENSE", BSD)  # of a package that is not linked
        package = self.write("internal/found/deep/file.go", "")
        self.write("internal/found/COPYING", BSD)
        found = self.texts(package)
        self.assertEqual(set(found), {"Go standard library", "example.org/module v1.2.3"})
        names = {str(name) for name in found["example.org/module v1.2.3"]}
        self.assertEqual(names, {"LICENSE.txt", "NOTICE", "internal/found/COPYING"})

    def test_a_text_stands_once_below_all_that_have_it(self):
        text, expression = notices.render(
            {"a v1": {"LICENSE": MIT}, "b v2": {"COPYING": MIT}, "c v3": {"LICENSE": BSD}}
        )
        self.assertEqual(text.count("Permission is hereby granted"), 1)
        self.assertIn("a v1: LICENSE\nb v2: COPYING\n", text)
        self.assertEqual(expression, "Apache-2.0 AND BSD-3-Clause AND MIT")

    def test_a_licence_that_is_not_known_ends_it(self):
        for files in ({"LICENSE": "All rights reserved"}, {"NOTICE": "Made by somebody"}, {}):
            with self.assertRaisesRegex(SystemExit, "a v1: no licence"):
                notices.render({"a v1": files})


if __name__ == "__main__":
    unittest.main()
