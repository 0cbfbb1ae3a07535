"""The structs of the installed release's schema, wherever it keeps them."""

import importlib
import struct

# From 2.0.19 on, and in 2.0.12 to 2.0.16. Up to 2.0.9 the first of them is a package that has no structs.
_NATIVE_MODULES = ("scaler.protocol.capnp", "scaler.protocol.python.capnp")


class _PycapnpStructs:
    """Scaler 1.26 to 2.0.9: pycapnp."""

    def __init__(self):
        python = importlib.import_module("scaler.protocol.capnp._python")
        self._modules = (python._message, python._common, python._status)

    def make(self, path, **fields):
        found = _find(self._modules, path)
        return found.new_message(**{name: value for name, value in fields.items() if name in found.schema.fields})

    def member(self, enumeration, name):
        return name

    def frame(self, kind, message):
        return self._modules[0].Message(**{kind: message}).to_bytes()

    def values(self, frame):
        """What two frames are compared by."""
        with self._modules[0].Message.from_bytes(frame) as message:
            return message.to_dict()


class _NativeStructs:
    """Scaler 2.0.12 and newer: classes of a native module, which ignore fields that they do not have."""

    def __init__(self, module):
        self._modules = (module,)

    def make(self, path, **fields):
        return _find(self._modules, path)(**fields)

    def member(self, enumeration, name):
        return getattr(_find(self._modules, enumeration), name)

    def frame(self, kind, message):
        return self._modules[0].Message(**{kind: message}).to_bytes()

    def values(self, frame):
        """What two frames are compared by: the message encoded again, which drops what the release does not know."""
        return self._modules[0].Message.from_bytes(frame).to_bytes()


def installed():
    """The structs of the installed release, by their paths in its schema. ImportError if it keeps them elsewhere."""
    for name in _NATIVE_MODULES:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        if hasattr(module, "Message"):
            return _NativeStructs(module)
    return _PycapnpStructs()


def tag(frame):
    """The discriminant of the outermost union of a Cap'n Proto frame with one segment."""
    segments, _ = struct.unpack_from("<II", frame)  # one less than their number; the size of the first
    (root,) = struct.unpack_from("<Q", frame, 8)
    if segments != 0 or root & 3 or not (root >> 32) & 0xFFFF:
        raise ValueError("the frame does not begin with a struct that has data")
    return struct.unpack_from("<H", frame, 8 + 8 * (1 + ((root & 0xFFFFFFFF) >> 2)))[0]


def _find(modules, path):
    for module in modules:
        found = module
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is not None:
            return found
    raise LookupError(path)
