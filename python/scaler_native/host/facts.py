"""What the manager must know about the installed Scaler: the message `ready`."""

import hashlib
import importlib
import os
import sys

from . import messages, protocol, recipe, semaphores, sockets

# Where the struct formats of TaskFlags and ProfileResult are.
_FORMATS = {
    "task_flags": ("scaler.utility.metadata.task_flags", "TaskFlags"),
    "profile": ("scaler.utility.metadata.profile_result", "ProfileResult"),
}


def ready(release, process_name):
    """The message `ready`, without what it says about the host itself."""
    return {
        "type": "ready",
        "version": protocol.VERSION,
        "python": sys.version.split()[0],
        "scaler": release.version,
        "transport": release.transport(),
        "transports": release.transports(),
        "tags": release.tags(),
        "log": release.log_formats(process_name),
        "agent": of(release),
        "sockets": sockets.mark(release.worker_module),
        "semaphores": semaphores.mark(),
    }


def of(release):
    """What the manager needs to replace Scaler's agent.

    What cannot be determined is left out or empty; the manager then leaves this release its own agent. So it does if a
    release to come is made in another way altogether.
    """
    try:
        return _of(release)
    except Exception as error:
        return {"missing": "%s: %s" % (type(error).__name__, error)}


def _of(release):
    defaults = importlib.import_module("scaler.config.defaults")
    return {
        "tags": messages.tags(),
        "digest": digest(os.path.dirname(release.worker_module.__file__)),
        "missing": recipe.Recipe(release.processor_module.Processor, release.worker_module.Worker).missing,
        "formats": {name: found for name, found in _formats() if found},
        "kill_delay": getattr(defaults, "DEFAULT_PROCESSOR_KILL_DELAY_SECONDS", 0),
    }


def _formats():
    for name, (module, owner) in _FORMATS.items():
        try:
            yield name, getattr(getattr(importlib.import_module(module), owner), "FORMAT", "")
        except (ImportError, AttributeError):
            yield name, ""


def digest(folder):
    """The SHA-256 digest of the agent's sources as hexadecimal digits; "" if there are none.

    These are worker.py and the modules of agent/, but not those of agent/processor/, which run unmodified. For each, in
    the order of their names, the digest covers the name, a zero byte, the size as 8 little-endian bytes, and the text.
    """
    digest = hashlib.sha256()
    try:
        agent = ["agent/" + name for name in os.listdir(os.path.join(folder, "agent")) if name.endswith(".py")]
        for name in sorted(["worker.py"] + agent):
            with open(os.path.join(folder, name), "rb") as stream:
                text = stream.read()
            digest.update(name.encode() + b"\0" + len(text).to_bytes(8, "little") + text)
    except OSError:
        return ""
    return digest.hexdigest()
