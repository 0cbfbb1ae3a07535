"""Frames of the host protocol, compared with the sample bytes that the Go side is compared with."""

import json
import os
import socket
import struct
import unittest

from scaler_native.host import protocol

SAMPLES = os.path.join(os.path.dirname(__file__), "..", "..", "schema", "host_frames.json")


def samples():
    with open(SAMPLES, encoding="utf-8") as stream:
        return json.load(stream)


class SamplesTest(unittest.TestCase):
    def test_each_encodes_to_its_frame(self):
        for sample in samples():
            with self.subTest(sample["name"]):
                self.assertEqual(protocol.encode(sample["message"]).hex(), sample["frame"])

    def test_each_frame_decodes_to_its_message(self):
        for sample in samples():
            with self.subTest(sample["name"]):
                frame = bytes.fromhex(sample["frame"])
                self.assertEqual(protocol.decode(frame[4:]), sample["message"])

    def test_every_message_of_the_document_has_a_sample(self):
        document = os.path.join(os.path.dirname(SAMPLES), "worker-host.md")
        with open(document, encoding="utf-8") as stream:
            named = {line.split("`")[1] for line in stream if line.startswith("| `")}
        self.assertEqual({sample["message"]["type"] for sample in samples()}, named)


class DecodeTest(unittest.TestCase):
    def test_refuses_what_is_no_message(self):
        for body in (
            b"",
            b"hello",
            b'["hello"]',
            b'"hello"',
            b"1",
            b"null",
            b'{"version":1}',
            b'{"type":1}',
            b'{"type":"start"}{}',
            b"[" * 100000,
        ):
            with self.subTest(body[:20]), self.assertRaises(protocol.ProtocolError):
                protocol.decode(body)

    def test_keeps_bytes_that_are_no_utf8(self):
        message = {"type": "socket", "path": os.fsdecode(b"/tmp/\xff")}
        self.assertEqual(protocol.decode(protocol.encode(message)[4:]), message)


class ChannelTest(unittest.TestCase):
    def setUp(self):
        ours, self.peer = socket.socketpair()
        self.channel = protocol.Channel(ours)
        self.addCleanup(self.channel.close)
        self.addCleanup(self.peer.close)

    def test_receives_messages_in_any_pieces(self):
        frames = b"".join(bytes.fromhex(sample["frame"]) for sample in samples())
        received = []
        for start in range(0, len(frames), 7):
            self.peer.sendall(frames[start : start + 7])
            self.channel.fill()
            received += self.channel.pending()
        self.assertEqual(received, [sample["message"] for sample in samples()])

    def test_receives_several_messages_at_once(self):
        self.peer.sendall(
            protocol.encode({"type": "start", "worker": 1}) + protocol.encode({"type": "start", "worker": 2})
        )
        self.assertEqual(self.channel.receive(), {"type": "start", "worker": 1})
        self.assertEqual(self.channel.receive(0), {"type": "start", "worker": 2})

    def test_receive_gives_up_after_its_timeout(self):
        self.assertIsNone(self.channel.receive(0))
        self.assertIsNone(self.channel.receive(0.001))
        self.peer.sendall(b"\x02\x00\x00\x00{")  # a part is no message
        self.assertIsNone(self.channel.receive(0.001))

    def test_end_of_the_peer(self):
        self.peer.sendall(protocol.encode({"type": "registered"}))
        self.peer.close()
        self.assertEqual(self.channel.receive(), {"type": "registered"})
        with self.assertRaises(EOFError):
            self.channel.receive()
        with self.assertRaises(OSError):
            self.channel.send({"type": "registered"})

    def test_refuses_a_long_frame_by_its_length(self):
        self.peer.sendall(struct.pack("<I", protocol.FRAME_LIMIT + 1))
        with self.assertRaises(protocol.ProtocolError):
            self.channel.receive()

    def test_longest_frame(self):
        overhead = len(b'{"type":"failed","error":""}')
        longest = {"type": "failed", "error": "x" * (protocol.FRAME_LIMIT - overhead)}
        frame = memoryview(protocol.encode(longest))
        self.assertEqual(len(frame), 4 + protocol.FRAME_LIMIT)
        self.peer.setblocking(False)
        while frame:
            try:
                frame = frame[self.peer.send(frame) :]
            except BlockingIOError:
                self.channel.fill()
        self.assertEqual(self.channel.receive(), longest)
        longest["error"] += "x"
        with self.assertRaises(protocol.ProtocolError):
            protocol.encode(longest)

    def test_descriptor_is_not_inherited(self):
        ours, theirs = socket.socketpair()
        self.addCleanup(theirs.close)
        descriptor = ours.detach()
        os.set_inheritable(descriptor, True)
        channel = protocol.Channel.from_descriptor(descriptor)
        self.addCleanup(channel.close)
        self.assertEqual(channel.fileno(), descriptor)
        self.assertFalse(os.get_inheritable(descriptor))
