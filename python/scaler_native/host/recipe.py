"""How a processor is made of the attributes of a worker that is never run, whatever release is installed.

Scaler's agent makes its processors so (1.26.0 to 2.9.0): each parameter is an attribute of the worker of the same
name, but for the addresses and what suspends a processor.
"""

import inspect
import itertools
import os
import sys
import typing
from multiprocessing import process

# What Windows has instead of SIGUSR1 (2.6.0 to 2.9.0).
_NOTHING = ("suspend_trigger",)
_EVENTS = ("resume_event", "resumed_event")
_FORMER_NAMES = {"scheduler_address": "address"}


class Event:
    """What a suspended processor waits for, or tells: the agent's events are semaphores, which nobody can poll, and which
    outlive a processor that is killed. Both of a processor's are one end of a pair of sockets."""

    def __init__(self, descriptor):
        self._descriptor = descriptor

    def wait(self, timeout=None):
        """In the handler of a signal. Others are handled meanwhile (PEP 475). It ends when the worker's process does."""
        try:
            return bool(os.read(self._descriptor, 1))
        except OSError:
            return False

    def set(self):
        try:
            os.write(self._descriptor, b"\0")
        except OSError:  # the worker's process is gone
            pass


class Recipe:
    """Of one configuration. `missing` is a parameter that nobody knows how to give, or ""."""

    def __init__(self, processor_class, worker_class, agent_address=None):
        self._class = processor_class
        self._attributes, self._constants, self._events, self._storage = {}, {}, [], None
        self.missing = ""
        stored = worker_class.__init__.__code__.co_names
        for name, parameter in list(inspect.signature(processor_class.__init__).parameters.items())[1:]:
            attribute = "_" + _FORMER_NAMES.get(name, name)
            if name in _EVENTS:
                self._events.append(name)
            elif name in _NOTHING:
                self._constants[name] = None
            elif name == "agent_address":
                parse = self._parser(parameter)
                self._constants[name] = agent_address and parse and parse(agent_address)
                self.missing = self.missing or ("" if parse else name)
            elif attribute not in stored:
                self.missing = self.missing or name
            else:
                self._attributes[name] = attribute
                if name == "object_storage_address":
                    self._storage = self._parser(parameter)
                    self.missing = self.missing or ("" if self._storage else name)

    def _parser(self, parameter):
        """from_string of the parameter's type; None if it has none."""
        kind = parameter.annotation
        if isinstance(kind, str):
            kind = vars(sys.modules[self._class.__module__]).get(kind)
        for kind in typing.get_args(kind) if hasattr(typing, "get_args") and typing.get_args(kind) else (kind,):
            if hasattr(kind, "from_string"):
                return kind.from_string
        return None

    def arguments(self, worker):
        """In the host: what is known before a processor is asked for. AttributeError, as from the agent itself."""
        return dict(self._constants, **{name: getattr(worker, attribute) for name, attribute in self._attributes.items()})

    def make(self, worker, arguments, count, storage, descriptor):
        """In the processor: the `count`-th one of the worker, as if the worker had made it. `storage` is None where nobody
        knows yet which one it will use: see `give_storage`."""
        arguments = dict(arguments)
        event = None if descriptor is None else Event(descriptor)
        arguments.update((name, event) for name in self._events)
        if storage is not None and arguments.get("object_storage_address", self) is None:
            arguments["object_storage_address"] = self._storage(storage)
        # A process object is named after the one that makes it, and counted there.
        current, counter = process._current_process, process._process_counter
        process._current_process, process._process_counter = worker, itertools.count(count)
        try:
            return self._class(**arguments)
        finally:
            process._current_process, process._process_counter = current, counter

    def give_storage(self, processor, storage):
        """The address for one that was made without, if none is configured. It keeps it by the name of the parameter (1.26.0 to
        2.9.0)."""
        if getattr(processor, "_object_storage_address", self) is None:
            processor._object_storage_address = self._storage(storage)
