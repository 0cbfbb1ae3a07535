"""The niceness of processors, added to that of their worker."""

import os

from .native import NativeTest


class NiceTest(NativeTest):
    def start(self, number):
        return super().start(number, nice=1, processor_nice=4)

    def test_processor(self):
        own = os.nice(0)
        self.assertEqual(self.fork().niceness(), own + 5)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, self.worker), own + 1)
        self.assertEqual(self.fork().niceness(), own + 5)  # and not more with each

    def test_spare_processor(self):
        self.tell("make_spare")
        spare = self.manager.receive()
        self.assertEqual(spare["state"], "ready", spare)
        processor = self.fork()
        self.assertEqual((processor.pid, processor.niceness()), (spare["pid"], os.nice(0) + 5))
