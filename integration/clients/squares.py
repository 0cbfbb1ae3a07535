"""Squares 0 to 99 on the cluster: squares.py ADDRESS"""

import json
import sys

from scaler import Client


def square(x):
    return x * x


with Client(address=sys.argv[1]) as client:
    print(json.dumps({"squares": list(client.map(square, range(100)))}))
