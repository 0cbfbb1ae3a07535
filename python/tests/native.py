"""The base of tests of workers with a native agent: it starts one and calls functions in its processors."""

import os
import socket
import sys
import tempfile
import time
import unittest

from .conversation import PATIENCE, Manager, Orders

STORAGE = "tcp://127.0.0.1:8517"


class Processor(Orders):
    """A processor of the module probe_native."""

    def __init__(self, line):
        line.settimeout(PATIENCE)
        super().__init__(line)
        self.pid = int(self.stream.readline())


@unittest.skipUnless(sys.platform.startswith("linux"), "the agent is in the manager on Linux only")
class NativeTest(unittest.TestCase):
    OPTIONS = {}
    MODULES = {}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "agent")
        self.listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.listener.close)
        self.listener.bind(self.path)
        self.listener.listen()
        self.listener.settimeout(PATIENCE)
        self.manager = Manager(self.MODULES)
        self.addCleanup(self.manager.close)
        ready = self.manager.hello(["probe_native", *self.MODULES])
        self.assertEqual((ready["type"], ready.get("not_imported")), ("ready", {}), ready)
        self.configure(**self.OPTIONS)
        self.worker = self.start(1)

    def configure(self, **options):
        answer = self.manager.native("ipc://" + self.path, **options)
        self.assertEqual((answer["type"], answer["unknown"]), ("configured", []))

    def start(self, number, **settings):
        started = self.manager.start(number, **settings)
        self.assertEqual((started["type"], started.get("worker")), ("started", number), started)
        return started["pid"]

    def fork(self, worker=1, storage=STORAGE):
        self.manager.channel.send({"type": "fork", "worker": worker, "storage": storage})
        started = self.manager.receive()
        self.assertEqual(
            (started["type"], started.get("worker"), started.get("state")), ("processor", worker, "started"), started
        )
        line, _ = self.listener.accept()
        processor = Processor(line)
        self.addCleanup(processor.close)
        self.assertEqual(processor.pid, started["pid"])
        return processor

    def tell(self, kind, processor=None, worker=1, **members):
        if processor is not None:
            members["pid"] = processor.pid
        self.manager.channel.send(dict({"type": kind, "worker": worker}, **members))

    def assert_told(self, **members):
        self.assertEqual(self.manager.receive(), members)

    def assert_state(self, processor, name, worker=1, **status):
        self.assert_told(type="processor", worker=worker, pid=processor.pid, state=name, **status)

    def assert_waits(self, processor):
        """Its main thread does not answer. It will when it is resumed."""
        processor.order("interrupts")
        processor._line.settimeout(0.1)
        with self.assertRaises(OSError):
            processor.stream.buffer.peek(1)
        processor._line.settimeout(PATIENCE)
        # A file object cannot be read after a timeout.
        processor.stream = processor._line.makefile("rw")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def await_port(test, address):
    until = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", int(address.rsplit(":", 1)[1]))) == 0:
                return
        test.assertLess(time.monotonic(), until, "nobody listens at " + address)
        time.sleep(0.01)
