"""Workers whose agent is in the manager: their processes, processors and signals, by the messages of the manager."""

import base64
import json
import os
import pickle
import signal
import sys
import tempfile
import time
import unittest

from .conversation import PATIENCE, Manager, await_state, state

# In place of what a processor does: it says what it has been made with, waits, and is suspended as Scaler's is.
STUB = """
import json, multiprocessing, os, signal, time
from scaler.worker.agent.processor import processor

def run(self):
    def suspend(*_):
        self._resume_event.wait()
        self._resumed_event.set()
    if self._resume_event is not None:
        signal.signal(signal.SIGUSR1, suspend)
    storage, agent = self._object_storage_address, self._agent_address
    parent = multiprocessing.parent_process()
    seen = {
        "storage": [str(storage.host), storage.port],
        "agent": str(agent.host),
        "parent": [parent.pid, parent.name, os.getppid()],
        "name": [multiprocessing.current_process().name, self.pid],
        "group": os.getpgrp(),
        "environment": os.environ.get("SCALER_NATIVE_TEST"),
        "descriptors": len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0,
    }
    path = os.path.join(os.environ["SEEN"], str(os.getpid()))
    with open(path + ".new", "w") as stream:
        json.dump(seen, stream)
    os.rename(path + ".new", path)
    while True:
        time.sleep(3600)

processor.Processor.run = run
"""
STORAGE = "tcp://127.0.0.1:4567"


@unittest.skipUnless(sys.platform.startswith("linux"), "agents in the manager are for Linux")
class NativeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.host = Manager({"stub": STUB}, environment={"SEEN": self.folder})
        self.addCleanup(self.host.close)
        self.ready = self.host.hello(["stub"])
        self.assertEqual((self.ready["type"], self.ready.get("not_imported")), ("ready", {}), self.ready)

    def configure(self, **options):
        self.agent = os.path.join(self.folder, "agent")
        address = "tcp://127.0.0.1:%d" % self.host.scheduler.getsockname()[1]
        options = dict({"scheduler_address": address, "worker_manager_id": "NAT|test"}, **options)
        answer = self.host.ask(
            {
                "type": "configure",
                "options": options,
                "environment": {"SCALER_NATIVE_TEST": "yes"},
                "agent": "native",
                "processors": "ipc://" + self.agent,
            }
        )
        self.assertEqual(answer["type"], "configured", answer)

    def worker(self, number=1):
        started = self.host.start(number)
        self.assertEqual(started["type"], "started", started)
        return started["pid"]

    def processor(self, number=1, storage=STORAGE):
        """A processor that has said what it sees."""
        message = self.host.ask({"type": "fork", "worker": number, "storage": storage})
        self.assertEqual((message["type"], message.get("state")), ("processor", "started"), message)
        path = os.path.join(self.folder, str(message["pid"]))
        until = time.monotonic() + PATIENCE
        while not os.path.exists(path):
            self.assertLess(time.monotonic(), until, self.host.said())
            time.sleep(0.005)
        return message["pid"]

    def seen(self, pid):

        with open(os.path.join(self.folder, str(pid))) as stream:
            return json.load(stream)

    def tell(self, kind, **members):
        self.host.channel.send(dict({"type": kind, "worker": 1}, **members))

    def expect(self, kind, **members):
        message = self.host.receive()
        self.assertEqual((message.pop("type"), message), (kind, members))

    def test_facts(self):
        facts = self.ready["agent"]
        self.assertEqual(facts["missing"], "")
        self.assertEqual(facts["formats"], {"task_flags": "!?i?", "profile": "!fQf"})
        self.assertEqual(len(facts["digest"]), 64)
        self.assertEqual(facts["kill_delay"], 3)

    def test_processor(self):
        self.configure()
        worker = self.worker()
        self.assertEqual(os.getpgid(worker), worker)
        pid = self.processor()
        seen = self.seen(pid)
        self.assertTrue(seen["parent"].pop(1).startswith("NAT|"))
        descriptors = seen.pop("descriptors")
        self.assertEqual(
            seen,
            {
                "storage": ["127.0.0.1", 4567],
                "agent": self.agent,
                "parent": [worker, worker],
                "name": ["Processor", pid],
                "group": worker,
                "environment": "yes",
            },
        )
        # A later one has none of an earlier one's, and none of another worker's.
        self.worker(2)
        self.assertEqual(self.seen(self.processor(2))["descriptors"], descriptors)
        self.assertEqual(self.seen(self.processor(1))["descriptors"], descriptors)

    def test_configured_storage(self):
        self.configure(object_storage_address="tcp://127.0.0.1:9")
        self.worker()
        self.assertEqual(self.seen(self.processor(storage=""))["storage"], ["127.0.0.1", 9])

    def test_end_of_a_processor(self):
        self.configure()
        self.worker()
        pid = self.processor()
        self.tell("signal", pid=pid, signal=int(signal.SIGKILL))
        self.expect("processor", worker=1, pid=pid, state="ended", status=int(signal.SIGKILL))
        self.assertEqual(state(pid), "", "it is reaped before its end is told")
        self.tell("signal", pid=pid, signal=int(signal.SIGTERM))  # it may be somebody else's number
        self.tell("signal", pid=os.getpid(), signal=int(signal.SIGTERM))
        self.tell("resume", pid=pid)
        self.processor()

    def test_suspend_and_resume(self):
        self.configure()
        self.worker()
        pid = self.processor()
        for _ in range(3):
            self.tell("signal", pid=pid, signal=int(signal.SIGUSR1))
            self.tell("resume", pid=pid)
            self.expect("processor", worker=1, pid=pid, state="resumed", status=0)

    def test_suspended_processor_that_dies(self):
        self.configure()
        self.worker()
        pid = self.processor()
        self.tell("signal", pid=pid, signal=int(signal.SIGUSR1))
        self.tell("signal", pid=pid, signal=int(signal.SIGKILL))
        self.tell("resume", pid=pid)
        self.expect("processor", worker=1, pid=pid, state="ended", status=int(signal.SIGKILL))

    def test_processor_that_is_stopped_when_it_is_to_go_on(self):
        self.configure()
        self.worker()
        pid = self.processor()
        self.tell("signal", pid=pid, signal=int(signal.SIGUSR1))
        self.tell("signal", pid=pid, signal=int(signal.SIGSTOP))
        self.tell("resume", pid=pid)
        other = self.processor()  # nobody waits for it
        self.tell("signal", pid=pid, signal=int(signal.SIGCONT))
        self.expect("processor", worker=1, pid=pid, state="resumed", status=0)
        os.kill(other, 0)

    def test_hard_suspend(self):
        self.configure(hard_processor_suspend=True)
        self.worker()
        pid = self.processor()
        self.tell("signal", pid=pid, signal=int(signal.SIGSTOP))
        await_state(self, pid, "T")
        self.tell("signal", pid=pid, signal=int(signal.SIGCONT))
        await_state(self, pid, "S")

    def test_quit(self):
        self.configure()
        worker = self.worker()
        pid = self.processor()
        self.tell("quit", status=3)
        self.expect("exited", pid=worker, status=3 << 8)
        await_state(self, pid, "")
        self.tell("fork", storage=STORAGE)  # too late, and nobody's harm
        self.host.reap(worker)
        self.worker(2)

    def test_signals_ask_the_worker_to_end(self):
        self.configure()
        worker = self.worker()
        self.processor()  # it has its handlers by now
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(worker, number)
            self.expect("terminate", worker=1, signal=int(number))

    def test_worker_that_is_killed(self):
        self.configure()
        worker, other = self.worker(), self.worker(2)
        pid = self.processor()
        os.kill(worker, signal.SIGKILL)
        self.expect("exited", pid=worker, status=int(signal.SIGKILL))
        await_state(self, pid, "", "Z")
        os.kill(other, 0)

    def test_end_of_the_host(self):
        self.configure()
        worker = self.worker()
        pid = self.processor()
        self.host.process.kill()
        for one in (worker, pid):
            await_state(self, one, "", "Z")

    def test_failure(self):
        error = self.host.ask({"type": "failure", "request": 7, "text": "it is no more"})
        self.assertEqual((error["type"], error["request"]), ("failure_made", 7))

        failure = pickle.loads(base64.b64decode(error["error"]))
        self.assertEqual((type(failure).__name__, str(failure)), ("ProcessorDiedError", "it is no more"))
