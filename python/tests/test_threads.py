"""A host that has threads must not fork: which threads are found."""

import ctypes
import sys
import threading
import unittest

from scaler_native.host import threads

LINUX = sys.platform.startswith("linux")


class ThreadsTest(unittest.TestCase):
    def test_none(self):
        self.assertEqual(threads.lost(), "")

    def test_python_thread_is_named(self):
        end = threading.Event()
        thread = threading.Thread(target=end.wait, name="busy-body")
        thread.start()
        try:
            self.assertIn("busy-body", threads.lost())
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
                self.assertIn("would lose", threads.lost())
            finally:
                lock.release()
                ended.acquire()

        def test_module_that_has_started_a_thread_is_named(self):
            end = threading.Event()
            threads.note("an_earlier_module")
            thread = threading.Thread(target=end.wait)
            thread.start()
            try:
                threads.note("a_busy_module")
                self.assertIn("started by the import of a_busy_module", threads.lost())
                self.assertNotIn("earlier", threads.lost())
            finally:
                end.set()
                thread.join()

        def test_many_threads_are_counted(self):
            end = threading.Event()
            started = [threading.Thread(target=end.wait, name="busy-%d" % n) for n in range(5)]
            for thread in started:
                thread.start()
            try:
                self.assertIn("2 more", threads.lost())
            finally:
                end.set()
                for thread in started:
                    thread.join()

        def test_thread_that_is_started_again_after_a_fork_is_safe(self):
            import _thread
            import os

            end, ended = _thread.allocate_lock(), _thread.allocate_lock()
            wanted = [True]

            def wait():
                end.acquire()
                ended.release()

            def start():
                if wanted:
                    for lock in (end, ended):
                        lock.acquire(False)
                    _thread.start_new_thread(wait, ())

            def stop():
                if wanted:
                    number = max(threads._numbers())
                    end.release()
                    ended.acquire()
                    while number in threads._numbers():  # the kernel is told last
                        os.sched_yield()

            # As SciPy's Fourier transforms do by pthread_atfork.
            os.register_at_fork(before=stop, after_in_parent=start)
            start()
            try:
                self.assertEqual(threads.lost(), "")
            finally:
                stop()
                wanted.clear()

        def test_thread_of_jemalloc_is_safe(self):
            import _thread

            ended = _thread.allocate_lock()
            named, end = _thread.allocate_lock(), _thread.allocate_lock()
            for lock in (ended, named, end):
                lock.acquire()

            def wait():
                ctypes.CDLL(None).prctl(15, b"jemalloc_bg_thd", 0, 0, 0)
                named.release()
                end.acquire()
                ended.release()

            _thread.start_new_thread(wait, ())
            named.acquire()
            try:
                self.assertEqual(threads.lost(), "")
            finally:
                end.release()
                ended.acquire()
