"""Started as `python -c <this text> ROLE CHANNEL_FD SOURCES_FD`: makes this package importable and runs ROLE.

The sources come from a descriptor and not from a folder, so that nothing is put on
sys.path (a task must find the path that Scaler's own program would give it) and
nothing is left on disk.
"""

import gc
import importlib.abc
import importlib.machinery
import json
import os
import sys


class Sources(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the modules that the manager sent, from memory."""

    def __init__(self, files):
        self.files = files

    def find_spec(self, name, path=None, target=None):
        base = name.replace(".", "/")
        for file, package in ((base + "/__init__.py", True), (base + ".py", False)):
            if file in self.files:
                spec = importlib.machinery.ModuleSpec(name, self, origin=file, is_package=package)
                spec.loader_state = file
                return spec
        return None

    def get_source(self, name):
        return self.files[self.find_spec(name).loader_state]

    def exec_module(self, module):
        spec = module.__spec__
        exec(compile(self.files[spec.loader_state], "scaler-native:" + spec.origin, "exec"), module.__dict__)


def boot(role, channel, sources):
    # Imports make little garbage, and to look for it takes a third of their time. See interpreter.settle.
    gc.disable()
    with os.fdopen(sources, "rb") as stream:
        text = stream.read()
    finder = Sources(json.loads(text))
    # First, so that a scaler_native of another version, installed beside Scaler, is not mixed in.
    sys.meta_path.insert(0, finder)
    try:
        module = importlib.import_module("scaler_native.host." + role)
        for file in finder.files:
            if file.startswith("scaler_native/host/") and not file.endswith(("boot.py", "__init__.py")):
                importlib.import_module(file[: -len(".py")].replace("/", "."))
    finally:
        sys.meta_path.remove(finder)
    return module.main(channel, text)


if __name__ == "__main__":
    sys.exit(boot(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
