"""A host that has threads must not fork: which threads are found."""

import sys
import threading
import unittest

from scaler_native.host import fork

LINUX = sys.platform.startswith("linux")


class ThreadsTest(unittest.TestCase):
    def test_none(self):
        self.assertEqual(fork.has_threads(), "")

    def test_python_thread_is_named(self):
        end = threading.Event()
        thread = threading.Thread(target=end.wait, name="busy-body")
        thread.start()
        try:
            self.assertIn("busy-body", fork.has_threads())
        finally:
            end.set()
            thread.join()

    if LINUX:  # threads are counted in /proc

        def test_thread_that_python_does_not_know(self):
            import _thread

            lock = _thread.allocate_lock()
            lock.acquire()
            ended = _thread.allocate_lock()
            ended.acquire()

            def wait():
                lock.acquire()
                ended.release()

            _thread.start_new_thread(wait, ())
            try:
                self.assertIn("not Python's", fork.has_threads())
            finally:
                lock.release()
                ended.acquire()
