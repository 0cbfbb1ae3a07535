"""The modules that the host had imported before the first fork, and what a processor finds added to them.

To look at a module is to write its reference count, and so to copy the page that it lies in: 0.8 MB for all. CPython's
dicts tell their size without that.
"""

import array
import sys
import types

try:
    import ctypes
except ImportError:  # an interpreter that was built without libffi
    ctypes = None

_names = types.ModuleType.__dict__["__dict__"]
# ma_used of PyDictObject stands behind the count and the type (3.8 to 3.14, not free-threaded).
_SIZE_OFFSET = 16
# So many modules of the host's in a row have nothing newer before them: only a task that takes modules out of sys.modules
# and puts them back could make it so.
_ENOUGH = 8

_modules = {}  # by name; kept alive, so that nothing else takes their place in memory
_dicts = []  # of their names
_sizes = array.array("q")
_addresses = array.array("Q")  # where their sizes stand; empty where they cannot be read


def names_of(module):
    """The names that a module has; None if it is none. One that is imported when it is first used (importlib.util's
    LazyLoader) stays as it is."""
    return _names.__get__(module) if issubclass(type(module), types.ModuleType) else None


def note():
    """In the host, after the last import."""
    _modules.clear()
    del _dicts[:], _sizes[:], _addresses[:]
    for name, module in list(sys.modules.items()):
        names = names_of(module)
        if names is not None:
            _modules[name] = module
            _dicts.append(names)
            _sizes.append(len(names))
    addresses = array.array("Q", [id(names) + _SIZE_OFFSET for names in _dicts])
    if ctypes is not None and sys.implementation.name == "cpython":
        if list(map(_read, addresses)) == list(_sizes):
            _addresses.extend(addresses)


def _read(address):
    return ctypes.c_ssize_t.from_address(address).value


def added_modules():
    """Those that are in sys.modules and were not, the newest last."""
    found, old = [], 0
    for name, module in reversed(sys.modules.items()):  # a dict keeps the order in which names came
        if _modules.get(name) is module:
            old += 1
            if old == _ENOUGH:
                break
        else:
            old = 0
            found.append(module)
    return found[::-1]


def added_names():
    """For each module of the host's that has names which it had not: all its names, and how many of them it had."""
    if _addresses:
        return [
            (_dicts[index], size)
            for index, (address, size) in enumerate(zip(_addresses, _sizes))
            if _read(address) > size
        ]
    return [(names, size) for names, size in zip(_dicts, _sizes) if len(names) > size]
