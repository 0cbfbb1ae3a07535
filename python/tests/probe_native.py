"""Imported into a worker host under test: its processors, unmodified apart from run(), do what the test tells them.

They connect to the agent's address, as real ones do, and read calls from there, one JSON list per line.
"""

import json
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time


class Told:
    def __init__(self, processor):
        self.processor = processor
        self.interrupted = 0

    def describe(self):
        me, parent = multiprocessing.current_process(), multiprocessing.parent_process()
        processor = self.processor
        return {
            "name": me.name,
            "is": me is processor,
            # From 2.0 on, Scaler uses multiprocessing's attribute for bytes of its own.
            "count": me._identity[-1] if isinstance(me._identity, tuple) else None,
            "parent": [parent.name, parent.pid, parent.is_alive()],
            "ppid": os.getppid(),
            "pgid": os.getpgid(0),
            "pid": me.pid,
            "authkey": [type(me.authkey).__name__, me.authkey == me._config["authkey"]],
            "start": multiprocessing.get_start_method(allow_none=True),
            "children": len(multiprocessing.active_children()),
            "sigint": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
            "default": [signal.getsignal(number) == signal.SIG_DFL for number in (signal.SIGCHLD, signal.SIGHUP)],
            "blocked": sorted(int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())),
            "storage": str(processor._object_storage_address),
            "scheduler": str(processor.scheduler_address()),
            "agent": str(processor._agent_address),
            "native_id": threading.main_thread().native_id == threading.get_native_id(),
            "argv": sys.argv,
            "gc": __import__("gc").isenabled(),
            "environment": os.environ.get("SCALER_NATIVE_TEST"),
            "limit": list(__import__("resource").getrlimit(7)),
        }

    def events(self):
        return [self.processor._resume_event is None, self.processor._resumed_event is None]

    def random(self):
        import random

        return random.random()

    def descriptors(self):
        """The number of open sockets, signalfds and epoll instances."""
        names = {}
        for number in os.listdir("/proc/self/fd"):
            try:
                names[int(number)] = os.readlink("/proc/self/fd/" + number)
            except FileNotFoundError:
                pass
        return sum(
            name.startswith(("socket:", "anon_inode:[signalfd]", "anon_inode:[eventpoll]")) for name in names.values()
        )

    def count_interrupts(self):
        """Count SIGTERM instead of ending, as a task might."""

        def count(*_):
            self.interrupted += 1

        signal.signal(signal.SIGTERM, count)

    def interrupts(self):
        return self.interrupted

    def signal_parent(self, number):
        os.kill(os.getppid(), number)

    def detach(self):
        """Start a process in a session of its own, and orphan it."""
        read, write = os.pipe()
        between = os.fork()
        if not between:
            os.setsid()
            pid = os.fork()
            if pid:
                os.write(write, b"%d" % pid)
                os._exit(0)
            os.closerange(0, 1024)
            signal.pause()
        os.waitpid(between, 0)
        return int(os.read(read, 20))

    def sleep(self, seconds):
        begun = time.monotonic()
        time.sleep(seconds)
        return time.monotonic() - begun

    def spin(self, seconds):
        """Compute for some time."""
        total, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            total += 1
        return total > 0

    def read_pipe(self):
        """Block in a read, in the main thread and another one, until `write_pipe`."""
        self.pipe = os.pipe()
        threading.Thread(target=self.in_thread, daemon=True).start()

    def in_thread(self):
        os.read(self.pipe[0], 1)

    def call_functions(self, path):
        """Call functions from C and Python until the file exists."""

        def count(number):
            return number and sorted([number], key=lambda one: count(one - 1))[0]

        calls = 0
        while not os.path.exists(path):
            calls += sum(count(5) for _ in range(100))
        return calls > 0

    def call_from_c(self, seconds):
        """Run C code that holds the GIL."""
        import ctypes

        ctypes.PyDLL(None).usleep(int(seconds * 1e6))
        return True

    def niceness(self):
        return os.nice(0)

    def exit(self, code):
        sys.exit(code)


def run(processor):
    processor._Processor__register_signals()
    told = Told(processor)
    line = socket.socket(socket.AF_UNIX)
    line.connect(str(processor._agent_address)[len("ipc://") :])
    with line.makefile("rw") as stream:
        stream.write("%d\n" % os.getpid())
        stream.flush()
        for text in stream:
            name, arguments = json.loads(text)
            stream.write(json.dumps(getattr(told, name)(*arguments)) + "\n")
            stream.flush()


if "__mp_main__" in sys.modules:  # as in a host, and not in the test
    from scaler.worker.agent.processor.processor import Processor

    Processor.run = run
