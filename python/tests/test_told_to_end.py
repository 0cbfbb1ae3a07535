"""Scaler's own processor that gets SIGTERM while it is not waiting for its agent."""

import os
import socket
import subprocess
import sys
import tempfile
import unittest

from . import native
from .conversation import Manager

# This runs when the processor handles SIGTERM, before its first receive().
EARLY = """
import os, signal

def stop():
    os.kill(os.getpid(), signal.SIGTERM)
"""


@unittest.skipUnless(sys.platform.startswith("linux"), "the agent is in the manager on Linux only")
class ToldToEndTest(unittest.TestCase):
    def test_sigterm_outside_of_receive(self):
        for name in "ymq", "zmq":
            with self.subTest(name):
                self.stop(name)

    def stop(self, transport):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "agent")
        agent = socket.socket(socket.AF_UNIX)  # accepts the connection and sends nothing
        self.addCleanup(agent.close)
        agent.bind(path)
        agent.listen()
        storage = "tcp://127.0.0.1:%d" % native.free_port()
        program = os.path.join(os.path.dirname(sys.executable), "scaler_object_storage_server")
        server = subprocess.Popen([program, storage], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        manager = Manager({"early": EARLY})
        self.addCleanup(manager.close)
        backend = manager.hello()["transports"].get(transport)
        if backend is None:
            self.skipTest("the release does not speak it")
        manager.native("ipc://" + path, {"SCALER_NETWORK_BACKEND": backend}, preload="early:stop")
        manager.start(1)
        native.await_port(self, storage)
        manager.channel.send({"type": "fork", "worker": 1, "storage": storage})
        pid = manager.receive()["pid"]
        # Up to 2.6.0 it called receive() for ever.
        ended = {"type": "processor", "worker": 1, "pid": pid, "state": "ended"}
        self.assertEqual(manager.receive(), ended, manager.said())
