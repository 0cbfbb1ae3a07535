"""The unit file of systemd: its command is one that the manager takes, and systemd finds no fault with it."""

import shlex
import shutil
import unittest

import program

UNIT = program.EXAMPLES / "scaler-native.service"
COMMAND = "/opt/scaler/bin/scaler_worker_manager"


def settings():
    """The settings by name; of one that is repeated, the last."""
    found = {}
    for line in UNIT.read_text().replace("\\\n", " ").splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            found[name] = value
    return found


class Service(program.ProgramTest):
    def test_command(self):
        unit = settings()
        command, subcommand, *arguments = shlex.split(unit["ExecStart"])
        self.assertEqual((command, subcommand), (COMMAND, "baremetal_native"))
        self.assertGreaterEqual(int(unit["TimeoutStopSec"]), self.time_to_stop(self.configuration(*arguments)))
        self.assertEqual([unit[name] for name in ("Type", "KillMode", "Delegate")], ["notify", "mixed", "memory"])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
    def test_systemd_finds_no_fault(self):
        # It wants the program to be there. What it says of other units is of no interest: a machine may lack some.
        text = UNIT.read_text().replace(COMMAND, "/bin/true")
        copy = self.folder() / UNIT.name

        def verify(text):
            copy.write_text(text)
            return program.run(["systemd-analyze", "verify", "--man=no", copy])

        done = verify(text)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn(UNIT.name, done.stdout)
        # An unknown setting is a fault that it does find.
        self.assertIn("KillModus", verify(text.replace("[Service]\n", "[Service]\nKillModus=mixed\n")).stdout)


if __name__ == "__main__":
    unittest.main()
