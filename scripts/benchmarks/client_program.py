"""A client of Scaler that does what it is told: run by a release's Python, with the scheduler's address.

Says "connected", then answers every line of its input, a name below and its arguments, with one of JSON.
"""

import json
import os
import sys
import threading
import time

from scaler import Client


def started(modules):
    """When a task began, and where. It lasts long enough for all to be spread before the first one ends."""
    begun = time.time()
    missing = [name for name in modules.split() if name not in sys.modules]
    time.sleep(1)
    return begun, os.getpid(), missing


def spread(client, count, *modules):
    """When the last of so many processors began its first task."""
    return max(begun for begun, _, _ in _each(client, count, modules))


def processors(client, count):
    """The pids of so many processors, each of which has run a task."""
    return [pid for _, pid, _ in _each(client, count, [])]


def _each(client, count, modules):
    # One string: releases before 2.0 take a list for all arguments of a call.
    answers = client.map(started, [" ".join(modules)] * int(count))
    processors = len({pid for _, pid, _ in answers})
    if processors != int(count):
        raise SystemExit("%s tasks came to %d processors" % (count, processors))
    if any(missing for _, _, missing in answers):
        raise SystemExit("modules are not imported: %s" % answers[0][2])
    return answers


def now(_):
    return time.time()


def first(client):
    """Seconds until a task has been run."""
    asked = time.time()
    client.submit(now, 0).result()
    return time.time() - asked


def nap(seconds):
    time.sleep(seconds)


def burst(client, count):
    """More work than so many workers should have (10 tasks each), that does not end soon; when it was handed over."""
    asked = time.time()
    burst.futures = [client.submit(nap, 600) for _ in range(11 * int(count) + 1)]
    return asked


def submit(client, count, seconds):
    """When it began to hand over so many tasks, each of which lasts that long."""
    asked = time.time()
    submit.futures = [client.submit(nap, float(seconds)) for _ in range(int(count))]
    return asked


def tiny(x):
    return x


def throughput(client, count):
    """Tasks per second."""
    client.submit(tiny, 1).result()
    begun = time.time()
    client.map(tiny, range(int(count)))
    return int(count) / (time.time() - begun)


def latency(client, count):
    """Seconds until one task at a time has been run: median and 95th percentile."""
    took = sorted(first(client) for _ in range(int(count)))
    return took[len(took) // 2], took[len(took) * 95 // 100]


def hold(path):
    open(path, "w").close()
    time.sleep(600)


def cancel(client, path):
    """Seconds from the cancellation of a running task until the only worker runs the one behind it."""
    future = client.submit(hold, path)
    while not os.path.exists(path):
        time.sleep(0.005)
    following = client.submit(now, 0)
    asked = time.time()
    # It waits until the task is over, which lasts longer.
    threading.Thread(target=future.cancel).start()
    return following.result() - asked


_FUNCTIONS = (spread, processors, first, burst, submit, throughput, latency, cancel)
COMMANDS = {function.__name__: function for function in _FUNCTIONS}

if __name__ == "__main__":
    with Client(address=sys.argv[1]) as connected:
        print(json.dumps("connected"), flush=True)
        for line in sys.stdin:
            name, *arguments = line.split()
            print(json.dumps(COMMANDS[name](connected, *arguments)), flush=True)
