"""The Containerfile: what it copies is there and enough to build, and its commands are those of the programs.

No engine runs it here: docs/platforms.md has what one made of it. Its stages are what a test can do without one.
"""

import json
import os
import re
import shutil
import subprocess
import unittest

import container
import program


class Containerfile(program.ProgramTest):
    def setUp(self):
        self.build, self.image = container.stages()

    def test_what_is_copied_builds(self):
        context = self.folder()
        for text in self.build.all("COPY"):
            *sources, target = text.split()
            for source in sources:
                if target == "./":
                    shutil.copy(program.ROOT / source, context)
                else:
                    shutil.copytree(program.ROOT / source, context / target)
        (command,) = self.build.all("RUN")
        done = subprocess.run(
            command,
            shell=True,
            cwd=context,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        source, target = self.image.last("COPY").split()[1:]
        self.assertEqual(target, "/usr/local/bin/")
        built = context / os.path.relpath(source, self.build.last("WORKDIR"))
        self.assertIn("scaler-native", program.run([built, "--version"]).stdout)

    def test_go_is_new_enough(self):
        needed = re.search(r"^go (\d+)\.(\d+)", (program.ROOT / "go" / "go.mod").read_text(), re.M).groups()
        image = re.search(r"golang:(\d+)\.(\d+)", self.build.last("FROM")).groups()
        self.assertGreaterEqual(tuple(map(int, image)), tuple(map(int, needed)))

    def test_release_is_the_newest(self):
        self.assertEqual(self.image.last("ARG"), "SCALER=" + program.newest_release())

    def test_entry_point(self):
        name, subcommand = json.loads(self.image.last("ENTRYPOINT"))
        self.assertEqual((name, subcommand), (program.MANAGER.name, "baremetal_native"))
        self.assertEqual(self.configuration("tcp://h:1")["scheduler_address"], "tcp://h:1")

    def test_user_is_not_root(self):
        self.assertEqual(self.image.last("USER"), "10001")
        self.assertTrue(any("useradd" in text and "--uid 10001" in text for text in self.image.all("RUN")))

    def test_health_check(self):
        command = self.image.last("HEALTHCHECK").partition("CMD ")[2]
        folder = self.folder()
        fake = folder / "scaler-native"
        for status in (0, 1, 3, 4):
            fake.write_text('#!/bin/sh\necho "$@" > %s/arguments\nexit %d\n' % (folder, status))
            fake.chmod(0o700)
            path = {"PATH": "%s:%s" % (folder, os.environ["PATH"])}
            # To the engine, 1 is unhealthy, and every other status but 0 undefined.
            self.assertEqual(program.run(["sh", "-c", command], env=path).returncode, int(status != 0))
        arguments = (folder / "arguments").read_text().split()
        done = program.run([program.BINARIES / "scaler-native", *arguments, "--socket", folder / "none.sock"])
        self.assertEqual(done.returncode, 3, done.stdout)  # it understood, and no manager listens there


if __name__ == "__main__":
    unittest.main()
