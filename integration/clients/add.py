"""Adds 2 and 3 on the cluster: add.py ADDRESS"""

import json
import sys

from scaler import Client


def add(a, b):
    return a + b


with Client(address=sys.argv[1]) as client:
    print(json.dumps({"sum": client.submit(add, 2, 3).result()}))
