"""A task that is a client itself and waits for a task of its own: nested.py ADDRESS"""

import json
import os
import sys

from scaler import Client


def inner(x):
    return x + 1, os.getpid()


def outer(address, x):
    with Client(address=address) as client:
        value, pid = client.submit(inner, x).result()
    return value * 10, os.getpid(), pid


with Client(address=sys.argv[1]) as client:
    value, outer_pid, inner_pid = client.submit(outer, sys.argv[1], 3).result()
    again = client.submit(outer, sys.argv[1], 4).result()[0]
    print(json.dumps({"value": value, "outer": outer_pid, "inner": inner_pid, "again": again}))
