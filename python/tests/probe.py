"""Imported into a worker host under test: its workers do as they are told by the test instead of being Scaler's.

They take their processors from the host by the same code as Scaler's workers do.
"""

import json
import multiprocessing
import os
import signal
import socket
import sys

from scaler_native.host import worker

VARIABLE = "SCALER_NATIVE_PROBE"


def end(code):
    os._exit(code)


def last():
    signal.pause()


class Told:
    """A worker's life by orders."""

    def __init__(self, link, channel):
        self.link = link
        self.channel = channel
        self.processors = {}

    def start(self, name, *arguments):
        target = {"end": end, "last": last}[name]
        process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
        processor = worker.ForkedProcessor(process)
        self.processors[processor.pid] = processor
        return processor.pid

    def wait(self, pid, timeout=None):
        return self.processors[pid].wait(timeout)

    def kill(self, pid):
        self.processors[pid].kill()

    def registered(self):
        self.link.report({"type": "registered"})

    def socket(self, path):
        self.link.report({"type": "socket", "path": path})

    def send(self, message):
        self.channel.send(message)

    def environment(self, name):
        return os.environ.get(name)

    def arguments(self):
        return sys.argv

    def sockets(self, pid="self"):
        """How many sockets a process has."""
        folder = "/proc/%s/fd/" % pid
        names = []
        for descriptor in os.listdir(folder):
            try:
                names.append(os.readlink(folder + descriptor))
            except FileNotFoundError:
                pass
        return sum(name.startswith("socket:") for name in names)

    def hang_up(self):
        self.channel.close()

    def exit(self, code):
        os._exit(code)


def run(process_object, channel, release, forking):
    worker.link = worker.Link(channel)
    told = Told(worker.link, channel)
    line = socket.socket(socket.AF_UNIX)
    line.connect(os.environ[VARIABLE])
    with line.makefile("rw") as stream:
        for text in stream:
            name, arguments = json.loads(text)
            try:
                answer = getattr(told, name)(*arguments)
            except worker.LinkLost as error:
                answer = str(error)
            stream.write(json.dumps(answer) + "\n")
            stream.flush()
    return 0


if "__mp_main__" in sys.modules:  # as in a host, and not in the test
    worker.run = run
