"""Keeps tasks of all kinds on the cluster while its processes are hit: chaos.py ADDRESS CONTROL JOURNAL SEED

Every execution of a task adds to JOURNAL a line when it begins and one when it is done, as with load.py. About once a
second a line of JSON tells what has become of the tasks so far. When the file CONTROL is gone no more are submitted,
and the last line, with "done", comes when none is left. A task with neither result nor error after PATIENCE is lost.
"""

import concurrent.futures
import json
import os
import random
import sys
import time

from scaler import Client

PATIENCE = 100
STUCK = 30  # seconds after which a task no more counts as one of those that are wanted at a time
BIG = 32 << 20
KINDS = {"add": 40, "sleep": 25, "fail": 8, "cancel": 6, "run": 6, "fork": 6, "nested": 5, "big": 2, "detach": 2}
ATONCE = {"big": 1, "nested": 2, "cancel": 2}


def work(journal, number, kind, seconds, address):
    def note(event):
        file = os.open(journal, os.O_WRONLY | os.O_APPEND)
        os.write(file, b"%s %d %d %.6f\n" % (event, number, os.getpid(), time.time()))
        os.close(file)

    def inner(x):
        time.sleep(0.1)
        return x * 2

    note(b"start")
    value = number * 3 + 1
    if kind in ("sleep", "cancel"):
        time.sleep(seconds)
    elif kind == "fail":
        raise ArithmeticError(number)
    elif kind == "big":
        value = bytes([number % 251]) * BIG
    elif kind == "nested":
        with Client(address=address) as client:
            value += client.submit(inner, number).result()
    elif kind == "run":
        import subprocess

        # A child of a task may be hit as any other process; that is not the task's result.
        done = subprocess.run(["expr", str(number), "+", "1"], stdout=subprocess.PIPE, check=False)
        if done.returncode >= 0 and int(done.stdout) != number + 1:
            value = None
    elif kind == "fork":
        child = os.fork()
        if child == 0:
            os._exit(number % 200)
        status = os.waitpid(child, 0)[1]
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) != number % 200:
            value = None
    elif kind == "detach":
        child = os.fork()
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                null = os.open(os.devnull, os.O_RDWR)
                for descriptor in (0, 1, 2):
                    os.dup2(null, descriptor)
                os.execvp("sleep", ["sleep", "60"])
            os._exit(0)
        os.waitpid(child, 0)
    note(b"end")
    return value


def right(number, kind, value):
    if kind == "big":
        return value == bytes([number % 251]) * BIG
    return value == number * 3 + 1 + (number * 2 if kind == "nested" else 0)


address, control, journal, seed = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
choice = random.Random(seed)
client = Client(address=address)
pending = {}  # number: (future, kind, deadline, when to cancel it)
ledger = {
    "submitted": 0,
    "right": 0,
    "expected": 0,
    "cancelled": 0,
    "kinds": {},
    "died": [],
    "wrong": [],
    "lost": {},
    "other": {},
}


def settle(number, future, kind):
    try:
        value = future.result()
    except BaseException as error:  # a cancelled future raises what is no Exception
        name = type(error).__name__
        if kind == "fail" and name == "ArithmeticError" and error.args == (number,):
            ledger["expected"] += 1
        elif kind == "cancel" and name == "CancelledError":
            ledger["cancelled"] += 1
        elif name == "ProcessorDiedError":
            ledger["died"].append(number)
        else:
            ledger["other"].setdefault("%s of %s: %s" % (name, kind, str(error)[:100]), []).append(number)
    else:
        if kind != "fail" and right(number, kind, value):
            ledger["right"] += 1
        else:
            ledger["wrong"].append("%s %d" % (kind, number))


def submit(kind, now):
    number = ledger["submitted"]
    seconds = 30.0 if kind == "cancel" else choice.uniform(0.02, 0.8)
    cancel = now + choice.uniform(0.1, 3.0) if kind == "cancel" else None
    pending[number] = (client.submit(work, journal, number, kind, seconds, address), kind, now + PATIENCE, cancel)
    ledger["submitted"] += 1
    ledger["kinds"][kind] = ledger["kinds"].get(kind, 0) + 1


def report(done):
    print(json.dumps(dict(ledger, pending=len(pending), done=done)), flush=True)


told, wanted, next_wanted = 0.0, 40, 0.0
while True:
    now = time.time()
    running = os.path.exists(control)
    if running and now > next_wanted:
        wanted, next_wanted = choice.choice([4, 20, 40, 60]), now + choice.uniform(1, 5)
    young = sum(entry[2] > now + PATIENCE - STUCK for entry in pending.values())
    while running and young < wanted:
        kind = choice.choices(list(KINDS), list(KINDS.values()))[0]
        if kind in ATONCE and sum(entry[1] == kind for entry in pending.values()) >= ATONCE[kind]:
            kind = "add"
        submit(kind, now)
        young += 1
    for number, (future, kind, deadline, cancel) in list(pending.items()):
        if cancel is not None and now > cancel and not future.done():
            pending[number] = (future, kind, deadline, None)
            try:
                future.cancel(timeout=0)  # the answer need not come (1.26.6, when the task's worker dies)
            except concurrent.futures.TimeoutError:
                pass
        if future.done():
            del pending[number]
            settle(number, future, kind)
        elif now > deadline:
            del pending[number]
            ledger["lost"][number] = future.task_id.hex()
    if now > told + 1:
        told = now
        report(False)
    if not running and not pending:
        break
    time.sleep(0.01)
report(True)
os._exit(0)  # the client would wait for what is lost
