"""`python -m scaler_native ...` runs the binary as `scaler_worker_manager ...`, with this Python for its workers."""

import sys

from . import binary

try:
    binary.become(sys.argv[1:], binary.this_python())
except OSError as error:
    sys.exit("scaler-native: %s" % error)
