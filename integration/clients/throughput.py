"""Waits until so many processors have had a task, then times tiny tasks: throughput.py ADDRESS PROCESSORS TASKS"""

import json
import os
import sys
import time

from scaler import Client


def place():
    time.sleep(0.2)
    return os.getpid()


def square(number):
    return number * number


address, wanted, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with Client(address=address) as client:
    seen = set()
    deadline = time.monotonic() + 40
    while len(seen) < wanted and time.monotonic() < deadline:
        seen.update([future.result() for future in [client.submit(place) for _ in range(2 * wanted)]])
    begun = time.monotonic()
    futures = [client.submit(square, number) for number in range(count)]
    wrong = sum(future.result() != number * number for number, future in enumerate(futures))
    seconds = time.monotonic() - begun
print(json.dumps({"workers": len(seen), "seconds": seconds, "wrong": wrong}))
