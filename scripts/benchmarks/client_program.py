"""A client of Scaler that executes commands. Run it with a release's Python and the scheduler's address.

It prints "connected". Then each line of its input names a function below and its arguments; the answer is a line of
JSON.
"""

import json
import os
import sys
import threading
import time

from scaler import Client


def started(modules):
    """The time and the process of a task. It lasts long enough for all tasks to be spread before the first one ends."""
    begun = time.time()
    missing = [name for name in modules.split() if name not in sys.modules]
    time.sleep(1)
    return begun, os.getpid(), missing


def spread(client, count, *modules):
    """The time when the last of `count` processors began its first task."""
    return max(begun for begun, _, _ in _each(client, count, modules))


def processors(client, count):
    """The pids of `count` processors, each of which has run a task."""
    return [pid for _, pid, _ in _each(client, count, [])]


def _each(client, count, modules):
    # A string, because releases before 2.0 take a list for the arguments of the call.
    answers = client.map(started, [" ".join(modules)] * int(count))
    processors = len({pid for _, pid, _ in answers})
    if processors != int(count):
        raise SystemExit("%s tasks ran on only %d processors" % (count, processors))
    if any(missing for _, _, missing in answers):
        raise SystemExit("modules that are not imported: %s" % answers[0][2])
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
    """Submit more long tasks than `count` workers should have (10 each). Returns the time of the submission."""
    asked = time.time()
    burst.futures = [client.submit(nap, 600) for _ in range(11 * int(count) + 1)]
    return asked


def submit(client, count, seconds):
    """Submit `count` tasks of that many seconds. Returns the time when the submission began."""
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
    """Seconds of a round trip with one task at a time: median and 95th percentile."""
    took = sorted(first(client) for _ in range(int(count)))
    return took[len(took) // 2], took[len(took) * 95 // 100]


def hold(path):
    open(path, "w").close()
    time.sleep(600)


def cancel(client, path):
    """Seconds from the cancellation of a running task until the only worker runs the next task."""
    future = client.submit(hold, path)
    while not os.path.exists(path):
        time.sleep(0.005)
    following = client.submit(now, 0)
    asked = time.time()
    # cancel() waits for the end of the task, which takes longer.
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
