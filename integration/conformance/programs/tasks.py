"""What the scripts have processors run. A gate is a path: the task adds a line to PATH.begun when it begins, and a task
that waits returns once PATH.open exists."""


def begin(gate):
    with open(gate + ".begun", "a") as file:
        file.write("begun\n")


def echo(value):
    return value


def fail(value):
    raise ValueError(value)


def talk(lines):
    import sys

    for line in lines:
        print(line, flush=True)
    print("complaint", file=sys.stderr, flush=True)
    return len(lines)


def wait(gate):
    import os
    import time

    begin(gate)
    while not os.path.exists(gate + ".open"):
        time.sleep(0.01)
    return os.path.basename(gate)


def insist(gate):
    """As wait, but SIGTERM does not end it."""
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return wait(gate)


def leave(status):
    import os

    os._exit(status)


def use(gate):
    """Uses 64 MiB, and CPU, for as long as it takes to be seen."""
    import time

    begin(gate)
    held = bytearray(64 << 20)
    end = time.process_time() + 0.4
    while time.process_time() < end:
        held[-1] = 1
    time.sleep(2.5)
    return len(held)
