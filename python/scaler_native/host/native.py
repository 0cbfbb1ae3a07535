"""Workers whose agent is in the manager: the host passes frames between their processes and the manager."""

import base64
import importlib
import selectors

from . import fork, lean, line, messages, recipe, supervisor

NAME = "native"


class Mode:
    """How to start such workers with one configuration. ValueError if that is not possible."""

    def __init__(self, release, address, no_fork):
        reason = no_fork or lean.prepare()
        if reason:
            raise ValueError("the agent cannot be in the manager: %s" % reason)
        self._recipe = recipe.Recipe(release.processor_module.Processor, release.worker_module.Worker, address)
        if self._recipe.missing:
            raise ValueError(
                "the agent cannot be in the manager: unknown parameter %r of Processor" % self._recipe.missing
            )

    def job(self, pending, prepare):
        """The job of a worker, for lean.fork_some."""
        worker, endpoint = pending.process_object, pending.theirs
        arguments = self._recipe.arguments(worker)

        def make(count, storage, descriptor):
            return self._recipe.make(worker, arguments, count, storage, descriptor)

        soft = not worker._hard_processor_suspend
        give_storage = self._recipe.give_storage
        supervised = supervisor.Supervisor(pending.number, worker.identity, endpoint, soft, make, give_storage, prepare)

        def run():
            if pending.settings:
                pending.apply_settings()
            return supervised.run()

        return fork.Job(run, 0, [endpoint.fileno()])


class Workers:
    """The workers by number. `drop` is called with a child whose channel has ended."""

    def __init__(self, outbox, selector, drop):
        self._outbox = outbox
        self._selector = selector
        self._drop = drop
        self._by_number = {}

    def add(self, child):
        """Add a child. One with the number 0 is a spare, which `name` makes a worker."""
        if child.number:
            self._by_number[child.number] = child
        self._selector.register(child.channel, selectors.EVENT_READ, lambda _: self.serve(child))

    def name(self, child, number):
        child.number = number
        self._by_number[number] = child
        self._tell(number, line.NUMBER, status=number)

    def forget(self, child):
        if self._by_number.get(child.number) is child:
            del self._by_number[child.number]

    # Messages of the manager.

    def on_fork(self, message):
        if not self._tell(message["worker"], line.FORK, body=message.get("storage", "").encode()):
            self._refuse(message["worker"], "the worker has ended")

    def spare(self, child):
        """Have a worker, which may be a spare itself, keep a spare processor."""
        self._put(child, line.SPARE)

    def on_make_spare(self, message):
        if not self._tell(message["worker"], line.SPARE):
            self._outbox.put({"type": "spare", "worker": message["worker"], "state": "gone"})

    def on_drop_spare(self, message):
        self._tell(message["worker"], line.DROP)

    def on_signal(self, message):
        self._tell(message["worker"], line.SIGNAL, message["pid"], message["signal"])

    def on_resume(self, message):
        self._tell(message["worker"], line.RESUME, message["pid"])

    def on_quit(self, message):
        self._tell(message["worker"], line.QUIT, status=message["status"])

    def on_check(self, message):
        try:
            error, frames = messages.check(message["samples"], message["frames"])
        except Exception as failure:  # a release that differs from all known ones
            error, frames = "%s: %s" % (type(failure).__name__, failure), {}
        self._outbox.put({"type": "checked", "error": error.replace("\n", " "), "frames": frames})

    def on_failure(self, message):
        try:
            made = _failure(message["text"])
        except Exception:
            made = b""
        self._outbox.put(
            {"type": "failure_made", "request": message["request"], "error": base64.b64encode(made).decode("ascii")}
        )

    def _tell(self, number, *frame, **rest):
        """Send a worker a frame. Returns whether there is such a worker."""
        child = self._by_number.get(number)
        if child is None or child.channel.closed:
            return False
        self._put(child, *frame, **rest)
        return True

    def _put(self, child, *frame, **rest):
        try:
            child.channel.put(*frame, **rest)
        except OverflowError:  # it has been stopped for long
            child.kill()
        else:
            self._flush(child)

    def _flush(self, child):
        try:
            waits = selectors.EVENT_WRITE if child.channel.flush() else 0
        except OSError:
            return  # it has ended: reading from the channel will show it
        self._selector.modify(child.channel, selectors.EVENT_READ | waits, lambda _: self.serve(child))

    # Frames of the workers.

    def serve(self, child):
        if child.channel.closed:
            return
        self._flush(child)
        try:
            for frame in child.channel.take():
                self._on_frame(child, *frame)
        except (EOFError, OSError, ValueError):
            self._drop(child)

    def _on_frame(self, child, kind, pid, status, body):
        number = child.number
        if kind == line.FORKED:
            self._processor(number, pid, "started")
        elif kind == line.REFUSED:
            self._refuse(number, body.decode())
        elif kind == line.EXITED:
            self._processor(number, pid, "ended", **({"status": status} if status else {}))
        elif kind == line.RESUMED:
            self._processor(number, pid, "resumed")
        elif kind == line.WAITS:
            self._outbox.put({"type": "spare", "worker": number, "pid": pid, "parent": child.pid, "state": "ready"})
        elif kind == line.GONE:
            self._outbox.put({"type": "spare", "worker": number, "parent": child.pid, "state": "gone"})
        elif kind == line.TERMINATE and not number:
            child.kill()
        elif kind == line.TERMINATE:
            self._outbox.put({"type": "terminate", "worker": number, "signal": status})
        else:
            raise ValueError("unknown frame of a worker: %r" % kind)

    def _processor(self, number, pid, state, **rest):
        self._outbox.put(dict({"type": "processor", "worker": number, "pid": pid, "state": state}, **rest))

    def _refuse(self, number, error):
        self._outbox.put({"type": "not_forked", "worker": number, "error": error})


def _failure(text):
    """The serialized exception that a client gets for a task whose processor has died."""
    error = importlib.import_module("scaler.utility.exceptions").ProcessorDiedError(text)
    return importlib.import_module("scaler.utility.serialization").serialize_failure(error)
