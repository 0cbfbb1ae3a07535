"""Hatchling's hook for the wheel: compiles the binary, and names the platform that the wheel is for."""

import os
import pathlib
import sys
import tempfile

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import compile as program  # hatchling loads this file by its path

# The binary is static: what it asks of a system is the kernel (3.2 for Go 1.24), older than any that these tags name.
# It compiles for macOS, where nobody has run it: `pip install .` makes a wheel there, `make wheel` makes none.
TAGS = {
    "linux/amd64": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "linux/arm64": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "darwin/amd64": "macosx_12_0_x86_64",
    "darwin/arm64": "macosx_12_0_arm64",
}


class GoBinary(BuildHookInterface):
    def initialize(self, version, build_data):
        platform = program.target()
        if platform not in TAGS:
            raise SystemExit("scaler-native: no wheel for %s, only for %s" % (platform, ", ".join(TAGS)))
        if version == "editable":
            # Where `make build` puts it too, so that the installation runs what was built last.
            program.build(pathlib.Path(self.root, "bin", program.NAME))
            return
        self.folder = tempfile.TemporaryDirectory()
        binary = os.path.join(self.folder.name, program.NAME)
        program.build(binary)
        build_data["tag"] = "py3-none-" + TAGS[platform]
        build_data["pure_python"] = False
        build_data["force_include"][binary] = "scaler_native/bin/" + program.NAME

    def finalize(self, version, build_data, artifact_path):
        if version != "editable":
            self.folder.cleanup()
