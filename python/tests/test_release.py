"""What the worker host finds out about the installed release of Scaler."""

import os
import unittest
from importlib import metadata

from scaler_native.host.release import Release

OLDER_TAGS = {"heartbeat": 25, "echo": 26, "command": 27}
NEWER_TAGS = {"heartbeat": 23, "echo": 24, "command": 25}
NEEDED = {"scheduler_address": "tcp://127.0.0.1:1", "worker_manager_id": "NAT|test"}


def number(version):
    return tuple(int(part) for part in version.split(".")[:3])


class ReleaseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.release = Release()
        cls.number = number(cls.release.version)

    def make(self, **options):
        return self.release.worker_factory(dict(NEEDED, **options))

    def test_version(self):
        self.assertEqual(self.release.version, metadata.version("opengris-scaler"))

    def test_tags(self):
        expected = dict(OLDER_TAGS if self.number < (2, 7) else NEWER_TAGS)
        if self.number < (2, 3, 4):
            expected["response"] = 28
        self.assertEqual(self.release.tags(), expected)

    def test_transports(self):
        self.assertEqual(self.release.transport(), "zmq" if self.number < (2, 3) else "ymq")
        transports = self.release.transports()
        self.assertIn(self.release.transport(), transports)
        self.assertEqual(transports["ymq"], "ymq")
        self.assertIn(transports.get("zmq", "zmq"), ("zmq", "tcp_zmq"))

    def test_log_formats(self):
        formats = self.release.log_formats("baremetal_native")
        for line in formats["screen"], formats["file"]:
            self.assertIn("%(message)s", line)
            self.assertIn("%(levelname)s", line)
        self.assertEqual(set(formats["levels"]), {"10", "20", "30", "40", "50"})
        self.assertEqual(formats["levels"]["20"], "INFO")
        if self.number >= (2, 9):
            self.assertIn("baremetal_native", formats["screen"])

    def test_worker_with_as_little_as_possible(self):
        make, unknown = self.make()
        self.assertEqual(unknown, [])
        first, second = make(), make()
        self.assertNotEqual(first.identity, second.identity)
        self.assertIn(b"NAT|", first.identity)

    def test_worker_with_all_options(self):
        make, unknown = self.make(
            max_task_concurrency=4,
            per_worker_capabilities="linux,gpu=2",
            per_worker_task_queue_size=10,
            heartbeat_interval_seconds=3,
            task_timeout_seconds=4,
            death_timeout_seconds=5,
            garbage_collect_interval_seconds=6,
            trim_memory_threshold_bytes=7,
            hard_processor_suspend=True,
            io_threads=2,
            event_loop="builtin",
            logging_paths=["/dev/stdout", "/dev/stderr"],
            logging_level="WARNING",
            mode="fixed",
            object_storage_address="tcp://127.0.0.1:2",
            preload="os.path:join('a', 'b')",
        )
        self.assertEqual(unknown, [])
        values = vars(make())
        self.assertEqual(values["_capabilities"], {"linux": -1, "gpu": 2})
        expected = {
            "_task_queue_size": 10,
            "_heartbeat_interval_seconds": 3,
            "_task_timeout_seconds": 4,
            "_death_timeout_seconds": 5,
            "_garbage_collect_interval_seconds": 6,
            "_trim_memory_threshold_bytes": 7,
            "_hard_processor_suspend": True,
            "_io_threads": 2,
            "_event_loop": "builtin",
            "_logging_paths": ("/dev/stdout", "/dev/stderr"),
            "_logging_level": "WARNING",
            "_preload": "os.path:join('a', 'b')",
        }
        got = {name: values[name] for name in expected}
        got["_logging_paths"] = tuple(got["_logging_paths"])
        self.assertEqual(got, expected)

    def test_identity_says_the_mode(self):
        make, _ = self.make(mode="fixed")
        self.assertIn(b"FIX|", make().identity)

    def test_worker_type(self):
        make, unknown = self.make(worker_type="GPU")
        self.assertEqual(unknown, [])
        self.assertIn(b"GPU|", make().identity)

    def test_seconds_with_a_fraction(self):
        # Scaler takes them from a file only.
        make, unknown = self.make(heartbeat_interval_seconds=0.5, task_timeout_seconds=1.25)
        self.assertEqual(unknown, [])
        values = vars(make())
        self.assertEqual((values["_heartbeat_interval_seconds"], values["_task_timeout_seconds"]), (0.5, 1.25))

    def test_scheduler_address_of_workers(self):
        make, unknown = self.make(worker_scheduler_address="tcp://127.0.0.2:3")
        self.assertEqual(unknown, [])
        self.assertIn("127.0.0.2", repr(vars(make())["_address"]))

    def test_none_is_not_given(self):
        _, unknown = self.make(object_storage_address=None, preload=None)
        self.assertEqual(unknown, [])

    def test_options_that_no_release_has(self):
        make, unknown = self.make(bogus="x", another=1.5)
        self.assertEqual(unknown, ["another", "bogus"])
        self.assertTrue(make().identity)

    def test_tls_options(self):
        folder = os.path.dirname(__file__)
        _, unknown = self.make(tls_cert=os.path.join(folder, "cert.pem"), tls_key=os.path.join(folder, "key.pem"))
        self.assertEqual(unknown, [] if self.number >= (2, 6) else ["tls_cert", "tls_key"])

    def test_rejections_say_why(self):
        for options, words in (
            ({"scheduler_address": "nonsense"}, "scheduler_address"),
            ({"scheduler_address": None}, "scheduler_address"),
            ({"max_task_concurrency": "many"}, "max-task-concurrency"),
            ({"per_worker_capabilities": "gpu=many"}, "per-worker-capabilities"),
            ({"io_threads": -3}, "io_threads"),
            ({"mode": "bogus"}, "mode"),
        ):
            with self.subTest(options):
                with self.assertRaisesRegex(ValueError, words) as raised:
                    self.make(**options)
                self.assertNotIn("\n", str(raised.exception))

    def test_bare_module_to_preload(self):
        make, _ = self.make(preload="my_package.preload")
        self.assertEqual(vars(make())["_preload"], "importlib:import_module('my_package.preload')")
