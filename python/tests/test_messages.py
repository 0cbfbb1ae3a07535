"""The agent's messages as the installed Scaler makes them, with which the manager compares its own."""

import base64
import json
import os
import sys
import unittest
from unittest import mock

from scaler_native.host import facts, messages, recipe, schema
from scaler_native.host.release import Release

SAMPLES = os.path.join(os.path.dirname(__file__), "..", "scaler_native", "host", "agent_samples.json")


class MessagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.release = Release()
        cls.newer = tuple(int(part) for part in cls.release.version.split(".")[:2]) >= (2, 7)
        with open(SAMPLES, encoding="utf-8") as stream:
            cls.samples = json.load(stream)
        cls.names = [sample["name"] for sample in cls.samples]

    def test_tags(self):
        expected = {
            "task": 0,
            "task_cancel": 1,
            "task_cancel_confirm": 2,
            "task_result": 3,
            "task_log": 4,
            "object_instruction": 6,
            "heartbeat": 9,
            "echo": 10,
            "disconnect_response": 12,
            "client_disconnect": 18 if self.newer else 20,
            "processor_initialized": 20 if self.newer else 22,
        }
        if self.newer:
            del expected["disconnect_response"]
        self.assertEqual(messages.tags(), expected)

    def test_facts(self):
        found = facts.of(self.release)
        self.assertRegex(found["digest"], "^[0-9a-f]{64}$")
        self.assertEqual(found["missing"], "")
        self.assertEqual(found["formats"], {"task_flags": "!?i?", "profile": "!fQf"})
        self.assertEqual(found["kill_delay"], 3)

    def test_release_of_which_nothing_is_known(self):
        with mock.patch.object(schema, "installed", side_effect=ImportError("no schema here")):
            self.assertEqual(facts.of(self.release), {"missing": "ImportError: no schema here"})

    def test_native_module_where_2_0_12_to_2_0_16_have_it(self):
        modules = dict.fromkeys(("scaler.protocol.capnp", "scaler.protocol.capnp._python"))
        modules["scaler.protocol.python.capnp"] = mock.Mock(Task=lambda **fields: fields)
        with mock.patch.dict(sys.modules, modules):
            self.assertEqual(schema.installed().make("Task", taskId=b"1"), {"taskId": b"1"})

    def test_every_sample_can_be_said(self):
        error, frames = messages.check(self.samples, {})
        self.assertEqual(error, "")
        self.assertEqual(set(self.names).difference(frames), {"disconnected"} if self.newer else set())
        self.assertEqual(len(set(self.names)), len(self.names))
        self.assertEqual({sample["kind"] for sample in self.samples}, set(messages.KINDS.values()))

    def test_own_frames_are_as_they_should(self):
        _, frames = messages.check(self.samples, {})
        self.assertEqual(messages.check(self.samples, frames)[0], "")

    def test_another_value_is_found(self):
        _, frames = messages.check(self.samples, {})
        for name, other in (("canceled", "cancelFailed"), ("heartbeat", "heartbeat_edges"), ("result", "created")):
            error, _ = messages.check(self.samples, {name: frames[other]})
            self.assertEqual(error, name + " is read with other values")

    def test_fields_that_the_release_does_not_know_are_no_difference(self):
        """A newer heartbeat has a longer struct: more data words before its pointers."""
        _, frames = messages.check(self.samples, {})
        frame = base64.b64decode(frames["initialized"])
        # The root's only pointer is to an empty struct; it becomes one to a struct of one data word.
        size = int.from_bytes(frame[4:8], "little") + 1
        longer = frame[:4] + size.to_bytes(4, "little") + frame[8:24] + (1 << 32).to_bytes(8, "little") + b"\1" * 8
        self.assertEqual(messages.check(self.samples, {"initialized": base64.b64encode(longer).decode()})[0], "")

    def test_what_has_no_sample_is_named(self):
        self.assertEqual(messages.check(self.samples, {"other": ""})[0], "other is unknown")


class RecipeTest(unittest.TestCase):
    def test_parameter_that_nobody_knows(self):
        class Worker:
            def __init__(self):
                self._preload = None

        class Processor:
            def __init__(self, preload, novelty, another):
                pass

        self.assertEqual(recipe.Recipe(Processor, Worker).missing, "novelty")

    def test_address_without_a_parser(self):
        class Processor:
            def __init__(self, agent_address: int):
                pass

        class Worker:
            def __init__(self):
                pass

        self.assertEqual(recipe.Recipe(Processor, Worker).missing, "agent_address")
