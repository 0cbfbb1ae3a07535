"""The two commands that the wheel installs. Both become the binary, which sees from its name which one it is."""

import sys

from . import binary


def steer():
    _become("scaler-native", {})


def manage():
    _become(binary.NAME, binary.this_python())


def _become(name, environment):
    try:
        binary.become(sys.argv[1:], environment, name)
    except OSError as error:
        sys.exit("%s: error: %s" % (name, error))
