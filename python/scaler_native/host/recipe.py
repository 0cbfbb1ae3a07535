"""Makes processors from the attributes of a Worker object that never runs, whatever release is installed.

Scaler's agent does the same (1.26.0 to 2.9.0): each parameter of Processor is the worker's attribute of that name,
except for the addresses and the events that suspend a processor.
"""

import inspect
import itertools
import os
import sys
import typing
from multiprocessing import process

# Parameters that are None here: suspend_trigger replaces SIGUSR1 on Windows (2.6.0 to 2.9.0).
_NOTHING = ("suspend_trigger",)
_EVENTS = ("resume_event", "resumed_event")
_FORMER_NAMES = {"scheduler_address": "address"}


class Event:
    """Replaces the two multiprocessing events by which a processor is resumed, and answers that it was.

    Those are semaphores, which cannot be polled, and which outlive a processor that is killed. Here both events of a
    processor are one end of a socket pair.
    """

    def __init__(self, descriptor):
        self._descriptor = descriptor

    def wait(self, timeout=None):
        """Block until the event comes, in a signal handler. Other signals are handled meanwhile (PEP 475).

        Returns False if the worker's process has ended.
        """
        try:
            return bool(os.read(self._descriptor, 1))
        except OSError:
            return False

    def set(self):
        try:
            os.write(self._descriptor, b"\0")
        except OSError:  # the worker's process has ended
            pass


class Recipe:
    """How to make processors of one configuration. `missing` is a parameter of unknown meaning, or ""."""

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
        """The method from_string of the parameter's type; None if it has none."""
        annotation = parameter.annotation
        if isinstance(annotation, str):
            annotation = vars(sys.modules[self._class.__module__]).get(annotation)
        for kind in typing.get_args(annotation) or (annotation,):  # of an Optional, its types
            if hasattr(kind, "from_string"):
                return kind.from_string
        return None

    def arguments(self, worker):
        """In the host: the arguments that do not depend on the processor. AttributeError if the worker lacks one."""
        return {**self._constants, **{name: getattr(worker, own) for name, own in self._attributes.items()}}

    def make(self, worker, arguments, count, storage, descriptor):
        """In the processor's process: make the worker's `count`-th processor, as if the worker had.

        `storage` is the address of the object storage, or None if it is not known yet: see `give_storage`.
        """
        arguments = dict(arguments)
        event = None if descriptor is None else Event(descriptor)
        arguments.update((name, event) for name in self._events)
        if storage is not None and arguments.get("object_storage_address", self) is None:
            arguments["object_storage_address"] = self._storage(storage)
        # A process object gets its name and number from the process that makes it.
        current, counter = process._current_process, process._process_counter
        process._current_process, process._process_counter = worker, itertools.count(count)
        try:
            return self._class(**arguments)
        finally:
            process._current_process, process._process_counter = current, counter

    def give_storage(self, processor, storage):
        """Give a processor that was made without one the address of the object storage, if none is configured.

        A processor keeps it in an attribute named after the parameter (1.26.0 to 2.9.0).
        """
        if getattr(processor, "_object_storage_address", self) is None:
            processor._object_storage_address = self._storage(storage)
