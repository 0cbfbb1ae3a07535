"""Reads on the cluster what a preload left in its module: preloaded.py ADDRESS MODULE"""

import json
import sys

from scaler import Client


def read(module):
    # Imported already if the preload ran, with what it set; looked up, so that this task is not what imports it.
    return getattr(sys.modules.get(module), "LOADED", None)


with Client(address=sys.argv[1]) as client:
    print(json.dumps({"loaded": client.submit(read, sys.argv[2]).result()}))
