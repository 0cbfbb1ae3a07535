"""`python -m scaler_native ...` runs the binary as `scaler_worker_manager ...`, with this Python for its workers."""

import os
import sys

from . import binary

try:
    binary.become(sys.argv[1:], {"SCALER_PYTHON": os.environ.get("SCALER_PYTHON") or sys.executable})
except OSError as error:
    sys.exit("scaler-native: %s" % error)
