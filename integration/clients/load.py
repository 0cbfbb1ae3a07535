"""Keeps as many tasks on the cluster as a file says, and tells what became of them.

load.py ADDRESS CONTROL JOURNAL SECONDS

CONTROL holds a number of tasks, their length in seconds, and how much longer each one is than the one before it. It is
read again and again; a negative number asks for the end, within SECONDS. Every execution of a task adds to JOURNAL a
line when it begins and one when it is done.
"""

import json
import os
import sys
import time

from scaler import Client


def work(journal, number, seconds):
    def note(event):
        # One write a line, in append mode: lines of many processes do not mix.
        file = os.open(journal, os.O_WRONLY | os.O_APPEND)
        os.write(file, b"%s %d %d %.6f\n" % (event, number, os.getpid(), time.time()))
        os.close(file)

    note(b"start")
    time.sleep(seconds)
    note(b"end")
    return number * 3 + 1


def control(path):
    with open(path) as file:
        count, seconds, longer = file.read().split()
    return int(count), float(seconds), float(longer)


address, path, journal, limit = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
client = Client(address=address)
pending, submitted, right, failed = {}, 0, 0, {}
deadline = None
while deadline is None or (pending and time.time() < deadline):
    wanted, seconds, longer = control(path)
    if wanted < 0 and deadline is None:
        deadline = time.time() + limit
    while len(pending) < wanted:
        pending[submitted] = client.submit(work, journal, submitted, seconds + submitted * longer)
        submitted += 1
    for number in [number for number, future in pending.items() if future.done()]:
        try:
            if pending.pop(number).result() != number * 3 + 1:
                raise ValueError("wrong result")
            right += 1
        except BaseException as error:  # a cancelled future raises what is no Exception
            name = type(error).__name__
            failed[name] = failed.get(name, 0) + 1
    time.sleep(0.01)

print(json.dumps({"submitted": submitted, "right": right, "failed": failed, "unfinished": len(pending)}), flush=True)
if pending:
    os._exit(0)  # the client would wait for them
client.disconnect()
