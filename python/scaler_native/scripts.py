"""The two commands that the wheel installs. Both become the binary, which is told by its name which one it is."""

import os
import sys

from . import binary


def steer():
    _become("scaler-native")


def manage():
    # The binary finds the Python of the environment that it is installed in, but not that of `pip install --user`,
    # --target or --editable. It is not named without need: tasks see the variable.
    inside = os.path.abspath(__file__).startswith(os.path.join(sys.prefix, ""))
    _become(binary.NAME, {} if inside else binary.this_python())


def _become(name, environment=None):
    try:
        binary.become(sys.argv[1:], environment or {}, name)
    except OSError as error:
        sys.exit("%s: error: %s" % (name, error))
