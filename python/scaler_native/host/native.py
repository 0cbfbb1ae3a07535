"""Workers whose agent is in the manager: the host's side of the lines to their processes."""

import base64
import importlib
import selectors

from . import fork, lean, line, messages, recipe, supervisor

NAME = "native"


class Mode:
    """One configuration of such workers. ValueError says why there can be none."""

    def __init__(self, release, address, no_fork):
        reason = no_fork or lean.prepare()
        if reason:
            raise ValueError("the agent cannot be in the manager: %s" % reason)
        self._recipe = recipe.Recipe(release.processor_module.Processor, release.worker_module.Worker, address)
        if self._recipe.missing:
            raise ValueError("the agent cannot be in the manager: Processor wants %r" % self._recipe.missing)

    def job(self, pending, prepare):
        """For lean.fork_some."""
        worker, endpoint = pending.process_object, pending.theirs
        arguments = self._recipe.arguments(worker)

        def make(count, storage, descriptor):
            return self._recipe.make(worker, arguments, count, storage, descriptor)

        soft = not worker._hard_processor_suspend
        supervised = supervisor.Supervisor(pending.number, worker.identity, endpoint, soft, make, prepare)

        def run():
            if pending.settings:
                pending.apply_settings()
            return supervised.run()

        return fork.Job(run, 0, [endpoint.fileno()])


class Workers:
    """Those that there are, by number. `drop` is called with one whose line has ended."""

    def __init__(self, outbox, selector, drop):
        self._outbox = outbox
        self._selector = selector
        self._drop = drop
        self._by_number = {}

    def add(self, child):
        self._by_number[child.number] = child
        self._selector.register(child.channel, selectors.EVENT_READ, lambda _: self.serve(child))

    def forget(self, child):
        if self._by_number.get(child.number) is child:
            del self._by_number[child.number]

    # The manager's messages.

    def on_fork(self, message):
        if not self._tell(message["worker"], line.FORK, body=message.get("storage", "").encode()):
            self._refuse(message["worker"], "the worker has ended")

    def on_signal(self, message):
        self._tell(message["worker"], line.SIGNAL, message["pid"], message["signal"])

    def on_resume(self, message):
        self._tell(message["worker"], line.RESUME, message["pid"])

    def on_quit(self, message):
        self._tell(message["worker"], line.QUIT, status=message["status"])

    def on_check(self, message):
        try:
            error, frames = messages.check(message["samples"], message["frames"])
        except Exception as failure:  # of a release that is otherwise than all that we know
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
        """Returns whether there is such a worker."""
        child = self._by_number.get(number)
        if child is None or child.channel.closed:
            return False
        try:
            child.channel.put(*frame, **rest)
        except OverflowError:  # it has been stopped, for long
            child.kill()
            return True
        self._flush(child)
        return True

    def _flush(self, child):
        try:
            waits = selectors.EVENT_WRITE if child.channel.flush() else 0
        except OSError:
            return  # it has ended, which its line will tell
        self._selector.modify(child.channel, selectors.EVENT_READ | waits, lambda _: self.serve(child))

    # The workers' frames.

    def serve(self, child):
        if child.channel.closed:
            return
        self._flush(child)
        try:
            for frame in child.channel.take():
                self._on_frame(child.number, *frame)
        except (EOFError, OSError, ValueError):
            self._drop(child)

    def _on_frame(self, number, kind, pid, status, body):
        if kind == line.FORKED:
            self._processor(number, pid, "started")
        elif kind == line.REFUSED:
            self._refuse(number, body.decode())
        elif kind == line.EXITED:
            self._processor(number, pid, "ended", **({"status": status} if status else {}))
        elif kind == line.RESUMED:
            self._processor(number, pid, "resumed")
        elif kind == line.TERMINATE:
            self._outbox.put({"type": "terminate", "worker": number, "signal": status})
        else:
            raise ValueError("a worker says %r" % kind)

    def _processor(self, number, pid, state, **rest):
        self._outbox.put(dict({"type": "processor", "worker": number, "pid": pid, "state": state}, **rest))

    def _refuse(self, number, error):
        self._outbox.put({"type": "not_forked", "worker": number, "error": error})


def _failure(text):
    """What a client gets for a task whose processor died."""
    error = importlib.import_module("scaler.utility.exceptions").ProcessorDiedError(text)
    return importlib.import_module("scaler.utility.serialization").serialize_failure(error)
