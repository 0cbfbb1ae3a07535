"""How the installed Scaler makes a processor, told from the parameters of its class and not from its release."""

import inspect
import typing

from . import pause

# What is not simply the worker's own attribute of the same name.
_AGENT, _STORAGE, _RESUME, _RESUMED, _TRIGGER = (
    "agent_address",
    "object_storage_address",
    "resume_event",
    "resumed_event",
    "suspend_trigger",
)
_OTHER_NAMES = {"scheduler_address": "address"}


class Recipe:
    """The parameters of `processor_class` against those of `worker_class` (read from 1.26.0 to 2.9.0)."""

    def __init__(self, processor_class, worker_class):
        self._class = processor_class
        self._parameters = _parameters(processor_class)
        known = {_AGENT, _STORAGE, _RESUME, _RESUMED, _TRIGGER, *_parameters(worker_class)}
        names = [_OTHER_NAMES.get(name, name) for name in self._parameters]
        self.missing = ", ".join(name for name in names if name not in known)
        for name in (_AGENT, _STORAGE):
            if not self.missing and not hasattr(self._type(name), "from_string"):
                self.missing = "the type of " + name

    def make(self, worker, agent, storage, endpoint):
        """A processor of `worker`, which is not started, as its agent would make it. `agent` and `storage` are
        addresses, the latter of use only where the worker has none configured. `endpoint` is the processor's end of a
        pause, None if it is suspended in the hard way."""
        given = {
            _AGENT: lambda: self._type(_AGENT).from_string(agent),
            _STORAGE: lambda: worker._object_storage_address or self._type(_STORAGE).from_string(storage),
            _RESUME: lambda: endpoint and pause.Resume(endpoint),
            _RESUMED: lambda: endpoint and pause.Resumed(endpoint),
            _TRIGGER: lambda: None,  # for Windows
        }
        own = lambda name: getattr(worker, "_" + _OTHER_NAMES.get(name, name))  # noqa: E731
        return self._class(**{name: given[name]() if name in given else own(name) for name in self._parameters})

    def _type(self, name):
        annotation = self._parameters[name].annotation if name in self._parameters else None
        for candidate in typing.get_args(annotation) or (annotation,):  # of an Optional, the first
            return candidate


def _parameters(cls):
    found = dict(inspect.signature(cls.__init__).parameters)
    found.pop("self", None)
    return found
