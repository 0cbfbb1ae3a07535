"""Starts a worker host in the same way as the Go manager, and exchanges messages with it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from scaler_native.host import loader, protocol

TESTS = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.path.dirname(TESTS)
PATIENCE = 30  # seconds; only a failure waits that long


class Orders:
    """Calls functions in a process of one of the probe modules, over a socket."""

    def __init__(self, line):
        self._line = line
        self.stream = line.makefile("rw")

    def __getattr__(self, name):
        def tell(*arguments):
            self.order(name, *arguments)
            return self.answer()

        return tell

    def order(self, name, *arguments):
        self.stream.write(json.dumps([name, arguments]) + "\n")
        self.stream.flush()

    def answer(self):
        text = self.stream.readline()
        if not text:
            raise AssertionError("the process has ended")
        return json.loads(text)

    def close(self):
        self.stream.close()
        self._line.close()


def sources():
    files = {}
    for folder in "scaler_native", "scaler_native/host":
        for name in os.listdir(os.path.join(PYTHON, folder)):
            if name.endswith(".py"):
                with open(os.path.join(PYTHON, folder, name), encoding="utf-8") as stream:
                    files[folder + "/" + name] = stream.read()
    return files


class Manager:
    """A worker host, and our end of its channel. `modules` are importable in the host, by name and text."""

    def __init__(self, modules=None, environment=None, directory=None):
        self.sockets = []
        self.parents = {}
        self.folder = tempfile.TemporaryDirectory()
        for name, text in (modules or {}).items():
            with open(os.path.join(self.folder.name, name + ".py"), "w", encoding="utf-8") as stream:
                stream.write(text)
        # It accepts connections and sends nothing, like a scheduler that is still starting.
        self.scheduler = socket.socket()
        self.scheduler.bind(("127.0.0.1", 0))
        self.scheduler.listen()
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - close() closes it
        self.pids = set()

        ours, theirs = socket.socketpair()
        read, write = os.pipe()
        program = [sys.executable] + loader.arguments("server", theirs.fileno(), read)
        variables = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=os.pathsep.join([self.folder.name, TESTS]))
        variables.update(environment or {})
        self.process = subprocess.Popen(
            program,
            env=variables,
            cwd=directory,
            pass_fds=(theirs.fileno(), read),
            stdin=subprocess.DEVNULL,
            stdout=self.errors,
            stderr=self.errors,
            start_new_session=True,
        )
        os.close(read)
        theirs.close()
        with os.fdopen(write, "wb") as stream:
            stream.write(loader.program(json.dumps(sources()).encode()))
        self.channel = protocol.Channel(ours)

    def close(self):
        """Close the channel, as the end of a manager does. Kill what is left."""
        self.channel.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            for pid in self.pids:
                try:
                    os.killpg(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.scheduler.close()
            self.errors.close()
            self.folder.cleanup()

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def ask(self, message):
        self.channel.send(message)
        return self.receive()

    def receive(self):
        """The next message. Reports that may come at any time are kept in `sockets` and `parents`."""
        while True:
            message = self.channel.receive(PATIENCE)
            if message is None:
                raise AssertionError("the host says nothing; it wrote:\n" + self.said())
            if message["type"] == "socket":
                self.sockets.append((message["pid"], message["path"]))
            elif message["type"] == "parent":
                self.parents[message["worker"]] = message["pid"]
            else:
                return message

    def hello(self, imports=()):
        argv = ["scaler_worker_manager", "baremetal_native"]
        return self.ask(
            {
                "type": "hello",
                "version": protocol.VERSION,
                "argv": argv,
                "process_name": "baremetal_native",
                "imports": list(imports),
            }
        )

    def configure(self, **options):
        address = "tcp://127.0.0.1:%d" % self.scheduler.getsockname()[1]
        options = dict({"scheduler_address": address, "worker_manager_id": "NAT|test"}, **options)
        return self.ask({"type": "configure", "options": options, "environment": {"SCALER_NATIVE_TEST": "yes"}})

    def native(self, processors, environment=None, **options):
        """Configure the host for workers with native agents."""
        address = "tcp://127.0.0.1:%d" % self.scheduler.getsockname()[1]
        options = dict({"scheduler_address": address, "worker_manager_id": "NAT|test"}, **options)
        message = {
            "type": "configure",
            "options": options,
            "environment": environment or {},
            "agent": "native",
            "processors": processors,
        }
        return self.ask(message)

    def start(self, number, **settings):
        message = self.ask({"type": "start", "worker": number, "settings": settings})
        if message["type"] == "started":
            self.pids.add(message["pid"])
        return message

    def reap(self, pid):
        self.channel.send({"type": "reap", "pid": pid})

    def settle(self):
        """Wait until the host has handled all messages: it does so in their order."""
        answer = self.configure()
        if answer["type"] != "configured":
            raise AssertionError(answer)


def state(pid):
    """The letter of a process's state (proc(5)); "" if there is no such process."""
    try:
        with open("/proc/%d/stat" % pid) as stream:
            return stream.read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def await_state(test, pid, *states):
    """Wait until a process is in one of these states."""
    until = time.monotonic() + PATIENCE
    while state(pid) not in states:
        test.assertLess(time.monotonic(), until, "process %d is %r" % (pid, state(pid)))
        time.sleep(0.005)


def kill(pid):
    """Kill a process that may have ended."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
