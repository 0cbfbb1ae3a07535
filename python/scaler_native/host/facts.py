"""What the manager has to know of the installed Scaler, as the message `ready` tells it."""

import hashlib
import importlib
import os
import sys

from . import messages, protocol, recipe, semaphores, sockets

# Each is what TaskFlags and ProfileResult are packed by.
_FORMATS = {
    "task_flags": ("scaler.utility.metadata.task_flags", "TaskFlags"),
    "profile": ("scaler.utility.metadata.profile_result", "ProfileResult"),
}


def ready(release, process_name):
    """The message, without what the host has found out of itself."""
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
    """What it needs to stand for the agent. What cannot be found out is left out or empty, and nobody stands for an agent of such a release."""
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
    """SHA-256 over worker.py and the modules of agent/, without the processor's own in agent/processor/, which run as
    they are: of each, in the order of their names, the name, a zero byte, the number of bytes as 8 little-endian ones, and the
    bytes. "" when there are no sources."""
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
