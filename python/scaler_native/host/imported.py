"""The modules that the host had imported before the first fork, and what tasks have added since.

Looking at a module changes its reference count and so copies its page: 0.8 MB for all modules. The size of a module's
dict can be read from memory without that.
"""

import array
import sys
import types

try:
    import ctypes
except ImportError:  # an interpreter that was built without libffi
    ctypes = None

_names = types.ModuleType.__dict__["__dict__"]
# Offset of ma_used in PyDictObject: after the reference count and the type (3.8 to 3.14, not free-threaded).
_SIZE_OFFSET = 16
# sys.modules is searched from its end until that many modules in a row are the host's. A newer module before them would
# mean that a task has removed modules from sys.modules and put them back.
_ENOUGH = 8

_modules = {}  # by name; the references keep their memory from being reused
_dicts = []  # the dicts of these modules
_sizes = array.array("q")  # the dicts' sizes in the host
_addresses = array.array("Q")  # where the dicts keep their sizes; empty if those cannot be read


def names_of(module):
    """A module's dict; None if `module` is not one. Does not trigger the import of a lazy module (importlib.util)."""
    return _names.__get__(module) if issubclass(type(module), types.ModuleType) else None


def note():
    """In the host, after the last import: remember the modules and their sizes."""
    _modules.clear()
    del _dicts[:], _sizes[:], _addresses[:]
    for name, module in list(sys.modules.items()):
        names = names_of(module)
        if names is not None:
            _modules[name] = module
            _dicts.append(names)
            _sizes.append(len(names))
    addresses = array.array("Q", [id(names) + _SIZE_OFFSET for names in _dicts])
    readable = ctypes is not None and sys.implementation.name == "cpython"
    if readable and list(map(_read, addresses)) == list(_sizes):
        _addresses.extend(addresses)


def _read(address):
    return ctypes.c_ssize_t.from_address(address).value


def added_modules():
    """The modules that were not in sys.modules in the host, the newest last."""
    found, old = [], 0
    for name, module in reversed(sys.modules.items()):  # a dict keeps the order of insertion
        if _modules.get(name) is module:
            old += 1
            if old == _ENOUGH:
                break
        else:
            old = 0
            found.append(module)
    return found[::-1]


def added_names():
    """For each of the host's modules with new names: its dict, and how many names it had in the host."""
    if _addresses:
        return [
            (_dicts[index], size)
            for index, (address, size) in enumerate(zip(_addresses, _sizes))
            if _read(address) > size
        ]
    return [(names, size) for names, size in zip(_dicts, _sizes) if len(names) > size]
