"""The program scaler-native: the same binary by another name."""

import sys

from . import binary


def main():
    try:
        binary.become(sys.argv[1:], {}, "scaler-native")
    except OSError as error:
        sys.exit("scaler-native: error: %s" % error)
