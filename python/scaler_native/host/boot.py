"""The first code of ours in a new interpreter: makes this package importable, then runs the role it was started for.

The command line of `loader.arguments` executes directory.py and this file in one namespace; `f` is the stream with the
rest of the sources. They come through a descriptor and not from a folder: so sys.path stays as it is for a task under
Scaler's own program, and nothing is left on disk.
"""

import sys

if sys.version_info < (3, 8):  # noqa: UP036 - the user names the Python
    sys.exit("scaler-native needs Python 3.8 or newer; %s is %s" % (sys.executable, sys.version.split()[0]))


_path = leave()  # noqa: F821

import gc  # noqa: E402
import importlib.abc  # noqa: E402
import importlib.machinery  # noqa: E402
import json  # noqa: E402


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


def boot(stream, path, role, channel):
    # Imports make little garbage, and collecting it takes a third of their time. interpreter.settle enables it again.
    gc.disable()
    with stream:
        text = stream.read()
    finder = Sources(json.loads(text))
    # First, so that modules of another version that is installed beside Scaler are not mixed in.
    sys.meta_path.insert(0, finder)
    try:
        module = importlib.import_module("scaler_native.host." + role)
        for file in finder.files:
            if file.startswith("scaler_native/host/") and not file.endswith(("boot.py", "__init__.py")):
                importlib.import_module(file[: -len(".py")].replace("/", "."))
    finally:
        sys.meta_path.remove(finder)
        sys.path[:] = path
    return module.main(channel, text)


sys.exit(boot(f, _path, sys.argv[1], int(sys.argv[2])))  # noqa: F821
