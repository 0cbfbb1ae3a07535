"""`python -m scaler_native ...` is `scaler_worker_manager ...` with this Python, wherever the script is."""

import os
import sys

from . import binary

try:
    binary.become(sys.argv[1:], {"SCALER_PYTHON": os.environ.get("SCALER_PYTHON") or sys.executable})
except OSError as error:
    sys.exit("scaler-native: %s" % error)
