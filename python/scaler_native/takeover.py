"""Makes Scaler's own programs run this worker manager instead of theirs.

The wheel's .pth file imports this module just before Scaler is imported. Two kinds of Scaler's modules are then patched
as soon as they have been imported. In the one that holds `NativeWorkerManager` (it moved in 2.9), `run` becomes an exec
of the binary. So does `main` of the program `scaler_worker_manager`, in case Scaler was installed later and has
overwritten the binary with its own script. If the binary cannot run, Scaler's own code runs, and a line on stderr says
why.
"""

import functools
import os
import sys

from . import binary


class Finder:
    """Leaves finding the modules to the other finders, and patches them once they have been executed."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        change = CHANGES.get(name)
        if change is None:
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if finder is not cls and hasattr(finder, "find_spec") else None
            if spec is not None:
                _after_execution(spec.loader, change)
                return spec
        return None


def _after_execution(loader, change):
    execute = loader.exec_module

    def exec_module(module):
        execute(module)
        try:
            change(module)
        except Exception as error:
            _say(error)

    loader.exec_module = exec_module


def _change_manager(module):
    manager = module.NativeWorkerManager
    make, run = manager.__init__, manager.run

    # Before 2.0 a manager does not keep its configuration object.
    @functools.wraps(make)
    def make_and_keep(self, config):
        make(self, config)
        self._scaler_native_config = config

    @functools.wraps(run)
    def run_natively(self):
        if _wanted():
            try:
                _become_manager(self, manager)
            except Exception as error:
                _say(error)
        return run(self)

    manager.__init__, manager.run = make_and_keep, run_natively


def _become_manager(manager, original):
    if type(manager) is not original:
        raise RuntimeError("%s is a subclass of Scaler's manager" % type(manager).__name__)
    from . import caller, options

    caller.check()
    caller.keep_sentinel()
    with options.descriptor(manager._scaler_native_config) as (address, number):
        arguments = ["baremetal_native", address, "--config", "/dev/fd/%d" % number]
        binary.become(arguments, {caller.VARIABLE: caller.describe(), binary.PYTHON: caller.python()})


def _change_program(module):
    main = module.main

    @functools.wraps(main)
    def main_natively():
        # The binary passes other subcommands on to this function by `python -c`, which is not a script.
        is_script = os.path.basename(getattr(sys.modules["__main__"], "__file__", None) or "") == binary.NAME
        if is_script and _wanted():
            try:
                binary.become(sys.argv[1:], binary.this_python())
            except Exception as error:
                _say(error)
        return main()

    module.main = main_natively


def _wanted():
    return os.environ.get("SCALER_NATIVE") != "0"


def _say(error):
    sys.stderr.write("scaler-native: Scaler's own worker manager runs instead: %s\n" % error)


CHANGES = {
    "scaler.worker_manager.native.worker_manager": _change_manager,
    "scaler.worker_manager_adapter.baremetal.native": _change_manager,
    "scaler.entry_points.worker_manager": _change_program,
}
sys.meta_path.insert(0, Finder)
