"""Imported into a worker host under test: its workers do what the test tells them and not what Scaler's do.

They take their processors from the host by the same code as Scaler's workers do.
"""

import json
import multiprocessing
import os
import signal
import socket
import sys

from scaler_native.host import popen, worker

VARIABLE = "SCALER_NATIVE_PROBE"


def end(code):
    os._exit(code)


def last():
    signal.pause()


def family(path):
    with open(path, "w") as stream:
        stream.write("%d %d %d" % (multiprocessing.parent_process().pid, os.getppid(), os.getpgrp()))


def kill_parent(number):
    os.kill(os.getppid(), number)
    signal.pause()


def detach(path):
    """Start a process in a session of its own, and orphan it."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 1024)
            with open(path, "w") as stream:
                stream.write(str(os.getpid()))
            os.rename(path, path + ".done")
            signal.pause()
        os._exit(0)


class Told:
    """What a worker can be told to do."""

    def __init__(self, channel, release):
        self.channel = channel
        self.release = release
        self.processors = {}

    def start(self, name, *arguments):
        target = {
            "end": end,
            "last": last,
            "family": family,
            "kill_parent": kill_parent,
            "detach": detach,
            "_exit": os._exit,
        }[name]
        process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
        processor = self.release.processor_module.Processor._Popen(process)
        self.processors[processor.pid] = processor
        return processor.pid

    def start_pickled(self, text):
        """Request a fork with a body that is not a pickled processor."""
        parent = self.release.processor_module.Processor._Popen.__closure__
        (parent,) = [cell.cell_contents for cell in parent if isinstance(cell.cell_contents, popen.Parent)]
        processor = popen.ForkedProcessor.__new__(popen.ForkedProcessor)
        processor.returncode, processor._parent, processor.pid = None, parent, parent.fork(text.encode())
        self.processors[processor.pid] = processor
        return processor.pid

    def default(self, number):
        """Kill this process by a signal."""
        signal.signal(number, signal.SIG_DFL)

    def wait(self, pid, timeout=None):
        return self.processors[pid].wait(timeout)

    def kill(self, pid):
        self.processors[pid].kill()

    def registered(self):
        worker.report_registration()

    def socket(self, path):
        worker.report_socket(path)

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


def run(process_object, channel, release):
    worker.link = worker.Link(channel)
    told = Told(channel, release)
    line = socket.socket(socket.AF_UNIX)
    line.connect(os.environ[VARIABLE])
    with line.makefile("rw") as stream:
        for text in stream:
            name, arguments = json.loads(text)
            try:
                answer = getattr(told, name)(*arguments)
            except popen.ParentLost as error:
                answer = str(error)
            stream.write(json.dumps(answer) + "\n")
            stream.flush()
    return 0


if "__mp_main__" in sys.modules:  # as in a host, and not in the test
    worker.run = run
