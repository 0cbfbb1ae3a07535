"""Runs a task that holds much memory and waits for a task of its own, on the same worker: heavy.py ADDRESS OUTER INNER

OUTER and INNER are megabytes. Tells what became of the outer task, which itself tells what became of the inner one, and
in which process another one runs afterwards; null for what has no result after 40 s.
"""

import json
import os
import sys
import time

from scaler import Client


def inner(megabytes):
    import time

    held = []
    for _ in range(megabytes // 10):
        held.append(b"x" * (10 << 20))
        time.sleep(0.02)
    time.sleep(8)  # some looks of the memory guard long
    return "right"


def outer(address, own, others):
    held = b"x" * (own << 20)
    with Client(address=address) as client:
        try:
            return [client.submit(inner, others).result(), os.getpid(), len(held)]
        except Exception as error:
            return [type(error).__name__, os.getpid(), len(held)]


client = Client(address=sys.argv[1])


def outcome(future, limit=40):
    deadline = time.time() + limit
    while not future.done() and time.time() < deadline:
        time.sleep(0.05)
    if not future.done():
        return None, None
    try:
        return future.result(), None
    except BaseException as error:
        return None, type(error).__name__


value, error = outcome(client.submit(outer, sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
following, _ = outcome(client.submit(os.getpid))
print(json.dumps({"inner": value and value[0], "error": error, "next": following}), flush=True)
os._exit(0)  # the client would wait for what has no result
