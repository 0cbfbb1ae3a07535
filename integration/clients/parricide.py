"""Runs long tasks, and beside them one that kills its parent process: parricide.py ADDRESS JOURNAL COUNT

JOURNAL gets a line for every execution of a long task. The killer is run again where its worker is lost, and then does
nothing. What has no result after 40 s is an error.
"""

import json
import os
import sys
import time

from scaler import Client


def innocent(journal, number):
    file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, b"%d\n" % number)
    os.close(file)
    time.sleep(8)
    return number * number


def kill(flag):
    import signal

    try:
        os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return "again"
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(3)
    return "survived"


address, journal, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = Client(address=address)
futures = [client.submit(innocent, journal, number) for number in range(count)]


def runs():
    if not os.path.exists(journal):
        return []
    with open(journal) as file:
        return file.read().split()


while len(set(runs())) < count:
    time.sleep(0.05)
killer = client.submit(kill, journal + ".flag")
deadline = time.time() + 40


def outcome(future):
    while not future.done() and time.time() < deadline:
        time.sleep(0.05)
    if not future.done():
        return None, "no result"
    try:
        return future.result(), None
    except BaseException as error:
        return None, type(error).__name__


outcomes = [outcome(future) for future in futures]
fate = outcome(killer)
print(
    json.dumps(
        {
            "right": sum(value == number * number for number, (value, _) in enumerate(outcomes)),
            "runs": {str(number): runs().count(str(number)) for number in range(count)},
            "errors": [error for _, error in outcomes if error],
            "killer": str(fate[0] or fate[1]),
        }
    ),
    flush=True,
)
os._exit(0)  # the client would wait for what has no result
