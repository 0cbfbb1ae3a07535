"""Imported ahead by the worker host (--warm-imports agent_seen): each worker tells what it was made with.

A worker that starts writes its attributes as JSON into a file of SCALER_TEST_SEEN, named by its process id.
"""

import json
import os

LOADED = os.getpid()  # of the process that imported it


def plain(value):
    """What JSON has, as it is; anything else as its text."""
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if isinstance(value, bytes):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return str(value)


def attributes(thing):
    """The attributes of one of Scaler's objects that the options set, by the names of the options."""
    return {name.lstrip("_"): plain(value) for name, value in vars(thing).items() if not name.startswith("_Worker__")}


def write(worker):
    path = os.path.join(os.environ["SCALER_TEST_SEEN"], str(os.getpid()))
    with open(path + ".part", "w") as file:
        json.dump(dict(attributes(worker), identity=plain(worker.identity)), file)
    os.rename(path + ".part", path)


def tell(run):
    """For a worker that is Scaler's own agent."""

    def run_and_tell(worker):
        write(worker)
        return run(worker)

    return run_and_tell


def tell_native(job):
    """For one whose agent is in the manager."""

    def job_and_tell(mode, pending, prepare):
        made = job(mode, pending, prepare)

        def run_and_tell():
            write(pending.process_object)
            return made.run()

        return made._replace(run=run_and_tell)

    return job_and_tell


if "SCALER_TEST_SEEN" in os.environ:
    from scaler.worker.worker import Worker

    Worker.run = tell(Worker.run)
    try:
        from scaler_native.host import native
    except ImportError:  # Scaler's own manager
        pass
    else:
        native.Mode.job = tell_native(native.Mode.job)
