"""Writes a manager's configuration object of Scaler as the TOML that the binary reads.

TOML and not a command line, which cannot express everything that Scaler accepts from Python: half a second where the
option is an integer, or an empty list.
"""

import contextlib
import dataclasses
import enum
import json
import os


@contextlib.contextmanager
def descriptor(config):
    """The scheduler's address, and a descriptor that survives an exec and from which the options can be read."""
    options = collect(config)
    read, write = os.pipe()
    try:
        with os.fdopen(write, "wb") as stream:
            os.set_blocking(write, False)  # nobody reads yet: fail rather than wait if 64 KiB are not enough
            stream.write(toml(options).encode())
        os.set_inheritable(read, True)
        yield options["scheduler_address"], read
    finally:
        os.close(read)


def collect(config):
    """The options by the names that they have in a configuration file. Options that are None (unset) are left out."""
    options = {}
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value) and not _is_one_value(value):
            options.update(collect(value))
        elif value is not None:
            name = field.metadata.get("long", field.name)
            options[name.lstrip("-").replace("-", "_")] = _plain(value)
    return options


def toml(options):
    lines = ["[worker_manager]", 'type = "baremetal_native"']
    return "\n".join(lines + ["%s = %s" % (name, _literal(value)) for name, value in options.items()]) + "\n"


def _is_one_value(value):
    """Whether a dataclass is the value of one option, such as an address: those can be parsed from a string."""
    return hasattr(value, "from_string")


def _plain(value):
    if isinstance(value, enum.Enum):
        return value.value
    if hasattr(value, "capabilities"):  # str() of none is "<empty>"
        return str(value) if value.capabilities else ""
    if isinstance(value, (list, tuple)):
        return [str(item) for item in value]
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _literal(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(_literal, value))
    # A JSON string is a TOML string, except that TOML wants DEL escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
