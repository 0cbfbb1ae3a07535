"""The processor of the installed Scaler, as it is, with an agent that is the test."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

from scaler_native.host import release

from .conversation import PATIENCE, Manager
from .native import await_port, free_port

try:
    import zmq
except ImportError:
    zmq = None


@unittest.skipUnless(sys.platform.startswith("linux") and zmq, "no ZMQ for an agent that is the test")
class RealTest(unittest.TestCase):
    def test_it_says_that_it_is_initialised(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = "ipc://%s/agent" % folder.name
        context = zmq.Context()
        self.addCleanup(context.term)
        agent = context.socket(zmq.ROUTER)
        self.addCleanup(agent.close, 0)
        agent.bind(path)
        storage = "tcp://127.0.0.1:%d" % free_port()
        program = os.path.join(os.path.dirname(sys.executable), "scaler_object_storage_server")
        server = subprocess.Popen([program, storage], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        manager = Manager()
        self.addCleanup(manager.close)
        ready = manager.hello()
        manager.native(path, {"SCALER_NETWORK_BACKEND": ready["transports"]["zmq"]})
        manager.start(1)
        await_port(self, storage)
        manager.channel.send({"type": "fork", "worker": 1, "storage": storage})
        started = manager.receive()
        self.assertTrue(agent.poll(PATIENCE * 1000), manager.said())
        _, frame = agent.recv_multipart()
        self.assertEqual(release.tag(frame), ready["agent"]["tags"]["processor_initialized"])
        manager.channel.send({"type": "signal", "worker": 1, "pid": started["pid"], "signal": int(signal.SIGTERM)})
        ended = {"type": "processor", "worker": 1, "pid": started["pid"], "state": "ended"}
        self.assertEqual(manager.receive(), ended, manager.said())
