"""Does with tasks what its standard input says, one JSON object a line: agent_tasks.py ADDRESS FOLDER [stream]

{"submit": NAME, "task": TASK, "arguments": [...], "count": N}  runs one of the tasks below, N times (1)
{"cancel": NAME}    cancels it
{"end": true}       ends once all tasks have ended; the end of the input ends at once

Prints for each NAME that has ended {"name": NAME, "value": VALUE, "error": TEXT, "message": TEXT, "ended": TIME}, where
several of one name are one, with "count" values. Every execution leaves a line with its process id and its time in
FOLDER/NAME.
"""

import json
import os
import sys
import threading
import time

from scaler import Client


def note(folder, name):
    file = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, b"%d %.6f\n" % (os.getpid(), time.time()))
    os.close(file)


def pid(folder, name):
    return os.getpid()


def sleep(folder, name, seconds):
    note(folder, name)
    time.sleep(seconds)
    return os.getpid()


def deaf(folder, name):
    """Blocks SIGTERM in all its threads, and sleeps."""
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    note(folder, name)
    time.sleep(600)


def loop(folder, name):
    """Never comes back to the interpreter, which therefore calls no signal handler."""
    import itertools

    note(folder, name)
    return sum(itertools.repeat(0))


def outer(folder, name, address, seconds):
    """Waits for a task of its own, and is suspended meanwhile if that is on the same worker."""
    note(folder, name)
    with Client(address=address) as inside:
        return inside.submit(sleep, folder, name + ".inner", seconds).result(), os.getpid()


def later(folder, name, address, seconds):
    """Has a task of its own after a second, and waits for it."""
    note(folder, name)
    time.sleep(1)
    with Client(address=address) as inside:
        inside.submit(sleep, folder, name + ".inner", seconds).result()
    return os.getpid()


def flood(folder, name, lines, size):
    note(folder, name)
    time.sleep(1)  # until the scheduler is stopped
    for _ in range(lines):
        sys.stdout.write("x" * (size - 1) + "\n")
        sys.stdout.flush()
    return os.getpid()


def large(folder, name, size):
    return "x" * size


def wait_in_c(folder, name, seconds):
    """Waits for a lock of C's, which no signal interrupts, for so long."""
    import ctypes
    import threading

    mutex, libc = ctypes.create_string_buffer(64), ctypes.CDLL(None)
    libc.pthread_mutex_lock(mutex)
    threading.Timer(seconds, libc.pthread_mutex_unlock, [mutex]).start()
    note(folder, name)
    libc.pthread_mutex_lock(mutex)
    return os.getpid()


def spin(folder, name, seconds):
    """Computes for so long."""
    note(folder, name)
    total, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        total += 1
    return os.getpid() if total else None


def hoard(folder, name, size):
    """Leaves memory behind that its processor never gives back."""
    note(folder, name)
    sys.hoard = getattr(sys, "hoard", []) + [b"x" * size]
    return os.getpid()


def fail(folder, name):
    raise ValueError(name)


def bare(folder, name):
    """Closes what it finds open, as programs do that become daemons."""
    note(folder, name)
    os.closerange(3, 1024)
    time.sleep(1)
    return os.getpid()


TASKS = {
    task.__name__: task
    for task in (pid, sleep, deaf, loop, outer, later, flood, large, fail, wait_in_c, spin, hoard, bare)
}


class Group:
    """The tasks of one name."""

    def __init__(self, name, count):
        self.name, self.left, self.values, self.error = name, count, [], None
        self.lock = threading.Lock()
        self.futures = []

    def ended(self, future):
        value = error = None
        try:
            value = future.result()
        except BaseException as failure:  # a cancelled future raises what is no Exception
            error = failure
        with self.lock:
            self.left -= 1
            self.values.append(len(value) if isinstance(value, str) else value)
            self.error = self.error or error
            if self.left == 0:
                self.tell()

    def tell(self):
        values = self.values
        told = {"name": self.name, "value": values[0] if len(values) == 1 else sorted(set(values), key=str)}
        if self.error is not None:
            told["error"], told["message"] = type(self.error).__name__, str(self.error)[:300]
        told["count"] = sum(value is not None for value in values)
        real.write(json.dumps(dict(told, ended=time.time())) + "\n")
        real.flush()


real = sys.stdout
if __name__ == "__main__":
    address, folder, more = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(folder, exist_ok=True)
    if more:  # what tasks write comes to our standard output too
        sys.stdout = open(os.path.join(folder, "stdout"), "w")
    client = Client(address=address, **({"stream_output": True} if more else {}))
    groups = {}
    real.write("{}\n")
    real.flush()
    for line in sys.stdin:
        asked = json.loads(line)
        if "submit" in asked:
            group = groups[asked["submit"]] = Group(asked["submit"], asked.get("count", 1))
            arguments = (folder, group.name, *asked.get("arguments", []))
            for _ in range(group.left):
                group.futures.append(client.submit(TASKS[asked["task"]], *arguments))
            for future in group.futures:
                future.add_done_callback(group.ended)
        elif "cancel" in asked:
            for future in groups[asked["cancel"]].futures:
                # It waits for the worker's answer.
                threading.Thread(target=future.cancel, daemon=True).start()
        else:
            client.disconnect()
            break
    sys.stdout.flush()
    os._exit(0)
