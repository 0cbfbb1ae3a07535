"""A scheduler with one worker that follows a script.

It notes what the worker's agent sends, in words that are the same for every agent: ids and pids get names in the order
in which they are first noted.
"""

import asyncio
import os
import re
import signal
import time

import objects
import tasks
import wire
import words
from beat import Beat

PATIENCE = 15  # seconds for anything that is waited for; the machine may be busy
SANE = (0, 60), (0, 1 << 30), (-0.01, 60)  # a profile's seconds, bytes and CPU seconds, where a script wants no other


class Stuck(Exception):
    pass


class Conversation:
    def __init__(self, name, place, storage_port, connector):
        self.name, self.place, self.storage_port = name, place, storage_port
        self.objects = objects.Objects(connector)
        self.wire = wire.Wire(place.port)
        self.manager = self.worker = self.beat = self.listening = None
        self.beats = 0
        self.processors = self.stuck = (
            False  # whether there was one, and whether what the script waits for did not come
        )
        self.left = float("inf")  # when the worker took its leave
        self.echoing = True
        self.told = "127.0.0.1", storage_port  # the address of the object storage, as the echo has it
        self.steps, self.lines, self.later = {}, [], []
        self.names = {}
        self.said = []  # kind and subject of each message of the current step
        self.results = {}
        self.changed = asyncio.Event()
        self.step("start")

    # What is noted.

    def step(self, name):
        assert name not in self.steps, name
        self.flush()
        self.lines = self.steps[name] = []
        self.said = []

    def note(self, line):
        self.lines.append(line)

    def flush(self):
        """What is found out about a result is noted at the end of its step: meanwhile the agent goes on."""
        self.lines += self.later
        self.later = []

    def called(self, kind, what):
        """The name of an id or a pid."""
        found = self.names.setdefault(kind, {})
        return found.setdefault(what, "%s%d" % (kind, len(found) + 1))

    # What comes from the worker.

    async def bind(self):
        await self.wire.bind()
        self.listening = asyncio.ensure_future(self.listen())

    async def listen(self):
        while True:
            try:
                source, frame = await self.wire.receive()
            except Exception:  # closed
                return
            self.hear(source, *words.read(frame))
            self.changed.set()

    def hear(self, source, kind, message):
        if kind == "WorkerHeartbeat":
            self.worker, self.beat = source, Beat(message)
            self.beats += 1
            self.processors = self.processors or bool(self.beat.processors)
            if self.echoing:
                self.send(words.echo(*self.told))
        elif source == self.worker:
            getattr(self, "on_" + kind, lambda message: self.noted(kind, "", kind))(message)

    def noted(self, kind, subject, line):
        if kind in ("DisconnectRequest", "WorkerDisconnectNotification"):
            self.left = time.monotonic()
        self.said.append((kind, subject))
        self.note(line)

    def on_DisconnectRequest(self, message):
        """Up to 2.6, and with YMQ, a worker that is asked to end waits for the answer."""
        self.noted("DisconnectRequest", "", "DisconnectRequest")
        self.send(words.disconnect_response(self.worker))

    def on_TaskCancelConfirm(self, message):
        task, what = bytes(message.taskId).decode(), words.enumerator(message.cancelConfirmType)
        self.noted("confirm", task, "cancel of %s: %s" % (task, what))

    def on_TaskLog(self, message):
        task, stream = bytes(message.taskId).decode(), words.enumerator(message.logType)
        self.noted("log", task, "log of %s, %s: %r" % (task, stream, str(message.content)))

    def on_ObjectInstruction(self, message):
        what = message.objectMetadata
        ids = [self.called("R", bytes(id)) for id in what.objectIds]
        names = ["named" if bytes(name) else "without a name" for name in what.objectNames]
        kinds = [words.enumerator(kind) for kind in what.objectTypes]
        user = "" if bytes(message.objectUser) == self.objects.client else " of a stranger"
        self.noted("object", "", " ".join([words.enumerator(message.instructionType), *ids, *kinds, *names]) + user)

    def on_TaskResult(self, message):
        task, kind = bytes(message.taskId).decode(), words.enumerator(message.resultType)
        ids = [bytes(id) for id in message.results]
        self.results[task] = kind, ids, words.profile(message.metadata)
        self.noted("result", task, " ".join(["result of %s: %s" % (task, kind), *[self.called("R", id) for id in ids]]))

    # What scripts wait for.

    async def until(self, holds, what, patience=PATIENCE, after_leave=2):
        """A worker that has taken its leave gets less time."""
        end = time.monotonic() + patience
        while not holds():
            left = min(end, self.left + after_leave) - time.monotonic()
            if left <= 0:
                self.note("no %s" % what)
                raise Stuck(what)
            self.changed.clear()
            try:  # files and processes change without a message
                await asyncio.wait_for(self.changed.wait(), min(left, 0.02))
            except asyncio.TimeoutError:
                pass

    async def confirmed(self, task, count=1):
        await self.until(lambda: self.said.count(("confirm", task)) >= count, "confirm for " + task)

    async def result(self, task, bounds=SANE, patience=PATIENCE):
        """Waits for a result of this step, and notes what it is."""
        await self.until(lambda: ("result", task) in self.said, "result of " + task, patience)
        kind, ids, profile = self.results[task]
        for id in ids:
            value = await asyncio.get_running_loop().run_in_executor(None, self.objects.get, id, kind != "success")
            self.later.append("%s is %s" % (self.called("R", id), value))
        fits = profile and all(low <= value <= high for value, (low, high) in zip(profile, bounds))
        self.later.append("its profile is as expected" if fits else "its profile is %s, wanted %s" % (profile, bounds))

    async def state(self, shows):
        """Waits for a heartbeat that shows this state, such as "idle" or "suspended running, 1 queued", and notes it in
        full. Processors are in the order in which they were first noted."""
        try:
            await self.until(lambda: self.beat and self.beat.summary(self.names) == shows, "heartbeat with %r" % shows)
        except Stuck:
            self.note("the last: " + self.beat.text(self.names, self.called) if self.beat else "none at all")
            raise
        self.note("state: " + self.beat.text(self.names, self.called))

    def pid(self, name):
        return {known: pid for pid, known in self.names["P"].items()}[name]

    def gate(self, task):
        return os.path.join(self.place.folder, task)

    def begun(self, task):
        """How often the task has begun."""
        try:
            with open(self.gate(task) + ".begun") as file:
                return len(file.readlines())
        except FileNotFoundError:
            return 0

    async def runs(self, task, times=1):
        await self.until(lambda: self.begun(task) >= times, "begin of " + task)

    def open(self, *names):
        for name in names:
            with open(self.gate(name) + ".open", "w"):
                pass

    # What scripts do.

    def send(self, *frames):
        for frame in frames:
            self.wire.send(self.worker, frame)

    def task(self, name, function=tasks.wait, *arguments, ids=None, **more):
        """The frame of a task; one that waits has its gate as argument."""
        if ids is None:
            ids = [self.objects.put(argument) for argument in arguments or [self.gate(name)]]
        function_id = self.objects.function(function)
        return words.task(name.encode(), self.objects.client, function_id, ids, **more)

    def submit(self, *arguments, **more):
        self.send(self.task(*arguments, **more))

    async def begin(self, task, **more):
        """Submits a task that waits for its gate, and waits until it runs."""
        self.submit(task, **more)
        await self.runs(task)

    async def finish(self, task):
        """Opens the gate of a task and waits for its result."""
        self.open(task)
        await self.result(task)

    async def echo(self, task):
        """Submits a task that returns its argument, and waits for its result."""
        self.submit(task, tasks.echo, "value")
        await self.result(task)

    async def finished(self, *names):
        """Waits for the results of several tasks, which are noted in the order in which they come."""
        for name in names:
            await self.until(lambda: ("result", name) in self.said, "result of " + name)

    def cancel(self, task, force=False):
        self.send(words.cancel(task.encode(), force))

    async def ended(self):
        """Waits for the end of the manager."""
        await self.until(lambda: self.manager.poll() is not None, "end of the manager", after_leave=PATIENCE)
        await asyncio.sleep(0.1)  # what its workers said before may still be on its way
        self.note("the manager ends with status %d" % self.manager.returncode)

    async def worker_ended(self):
        """Waits for the end of the worker, and the manager has no other. From 2.9 on managers log its status."""
        await self.ended()
        if words.has("WorkerDisconnectNotification"):
            found = re.findall(
                r"exitcode=(-?\d+)|exit status (\d+)|died: (SIG\w+)|(shut down cleanly)", self.place.log(self.name)
            )
            statuses = [status(*one) for one in found]
            self.note("the worker ends with status %s" % ", ".join(statuses))

    async def stop(self):
        self.step("end")
        if self.manager.poll() is None:
            os.kill(self.manager.pid, signal.SIGTERM)
        await self.ended()
        await self.until(lambda: not self.place.processes(self.name), "end of all processes", after_leave=PATIENCE)
        await asyncio.sleep(0.1)  # its last words may still be on their way
        self.flush()
        left = [
            name for name in os.listdir(self.place.folder) if not name.endswith((".begun", ".open", ".log", ".shm"))
        ]
        if left:
            self.note("left in the folder for temporary files: %d" % len(left))

    def close(self):
        if self.listening:
            self.listening.cancel()
        self.wire.close()


def status(code, status, name, clean):
    """Of a worker, as one of the managers has it: a number, or the name of a signal."""
    if code.startswith("-"):
        return signal.Signals(-int(code)).name
    return "0" if clean else code or status or name
