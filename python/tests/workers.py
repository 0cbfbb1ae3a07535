"""Workers of a real worker host that do what the test tells them: see probe.py."""

import os
import socket
import tempfile
import unittest

from .conversation import PATIENCE, Manager, Orders
from .probe import VARIABLE


class Worker(Orders):
    """A worker of the module probe."""

    def __init__(self, line, started):
        super().__init__(line)
        self.pid = started["pid"]
        self.number = started["worker"]


class WorkerTest(unittest.TestCase):
    MODULES = {}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "orders")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.addCleanup(self.listener.close)
        self.listener.listen()
        self.listener.settimeout(PATIENCE)
        self.host = Manager(self.MODULES, environment={VARIABLE: path})
        self.addCleanup(self.host.close)
        ready = self.host.hello(["probe", *self.MODULES])
        self.assertEqual((ready["type"], ready.get("not_imported")), ("ready", {}), ready)
        self.host.settle()
        self.worker = self.start_worker(1)
        self.register(self.worker)

    def register(self, worker):
        """Have a worker report that it has registered. Its processors would wait for that."""
        worker.registered()
        self.assertEqual(self.host.receive(), {"type": "registered", "worker": worker.number})

    def start_worker(self, number):
        started = self.host.start(number)
        self.assertEqual(started["type"], "started", started)
        line, _ = self.listener.accept()
        line.settimeout(PATIENCE)
        orders = Worker(line, started)
        self.addCleanup(orders.close)
        return orders
