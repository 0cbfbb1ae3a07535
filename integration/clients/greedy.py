"""Runs a task that takes memory until it is stopped, then another one: greedy.py ADDRESS"""

import json
import os
import sys

from scaler import Client


def take():
    import time

    held = []
    for _ in range(1000):  # a gigabyte, and then for ever
        held.append(bytearray(b"x" * (1 << 20)))
        time.sleep(0.01)
    time.sleep(600)


with Client(address=sys.argv[1]) as client:
    try:
        client.submit(take).result()
        error = None
    except Exception as exception:
        error = type(exception).__name__
    print(json.dumps({"error": error, "next": client.submit(os.getpid).result()}))
