"""`python -m scaler_native ...` is `scaler_worker_manager ...` with this Python, wherever the script is."""

import sys

from . import binary

try:
    binary.become(sys.argv[1:], binary.this_python())
except OSError as error:
    sys.exit("scaler-native: %s" % error)
