"""The unmodified processor of the installed Scaler; the test is its agent."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

from scaler_native.host import schema

from .conversation import PATIENCE, Manager
from .native import await_port, free_port

try:
    import zmq
except ImportError:
    zmq = None


@unittest.skipUnless(sys.platform.startswith("linux") and zmq, "no ZMQ for an agent that is the test")
class RealTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, path = folder.name, "ipc://%s/agent" % folder.name
        context = zmq.Context()
        self.addCleanup(context.term)
        self.agent = context.socket(zmq.ROUTER)
        self.addCleanup(self.agent.close, 0)
        self.agent.bind(path)
        self.storage = "tcp://127.0.0.1:%d" % free_port()
        program = os.path.join(os.path.dirname(sys.executable), "scaler_object_storage_server")
        server = subprocess.Popen([program, self.storage], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.manager = Manager({"preloaded": "def preload(path): open(path, 'w').close()"})
        self.addCleanup(self.manager.close)
        ready = self.manager.hello()
        self.tag = ready["agent"]["tags"]["processor_initialized"]
        self.preloaded = self.folder + "/preloaded"
        environment = {"SCALER_NETWORK_BACKEND": ready["transports"]["zmq"]}
        self.manager.native(path, environment, preload="preloaded:preload(%r)" % self.preloaded)
        self.manager.start(1)
        await_port(self, self.storage)

    def fork(self):
        self.manager.channel.send({"type": "fork", "worker": 1, "storage": self.storage})
        started = self.manager.receive()
        self.assertTrue(self.agent.poll(PATIENCE * 1000), self.manager.said())
        _, frame = self.agent.recv_multipart()
        self.assertEqual(schema.tag(frame), self.tag)
        self.assertTrue(os.path.exists(self.preloaded))
        return started["pid"]

    def end(self, pid):
        self.manager.channel.send({"type": "signal", "worker": 1, "pid": pid, "signal": int(signal.SIGTERM)})
        ended = {"type": "processor", "worker": 1, "pid": pid, "state": "ended"}
        self.assertEqual(self.manager.receive(), ended, self.manager.said())

    def test_it_says_that_it_is_initialised(self):
        self.end(self.fork())

    def test_spare_one_has_done_what_it_can(self):
        self.manager.channel.send({"type": "make_spare", "worker": 1})
        spare = self.manager.receive()
        self.assertEqual(spare.get("state"), "ready", self.manager.said())
        # It waits in __initialize, after the loggers and before all that follows: no connection, no thread, no preload.
        self.assertEqual(len(os.listdir("/proc/%d/task" % spare["pid"])), 1)
        self.assertFalse(os.path.exists(self.preloaded))
        self.assertFalse(self.agent.poll(0))
        self.assertEqual(self.fork(), spare["pid"])
        self.end(spare["pid"])
