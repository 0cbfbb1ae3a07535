"""The options as the installed Scaler takes them: a section of a configuration file, read by its own parser."""

import argparse
import contextlib
import io
import sys

# Options by the name that a release before 2.0 knows them by.
FORMER_OPTIONS = {"worker_scheduler_address": "public_scheduler_address"}


def parse(config_class, options):
    """The release's own configuration object, and the options that it does not know.

    `options` maps Scaler's field names to values; None is left out. ValueError says what the release rejects.
    """
    parser = argparse.ArgumentParser(add_help=False)
    config_class.configure_parser(parser)
    section, unknown = _section(options, _actions(parser))
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            return _read(config_class, section, parser), unknown
    except SystemExit:
        raise ValueError(complaint.getvalue().strip().rsplit("\n", 1)[-1])


def _actions(parser):
    """The parser's actions by the key that each has in a configuration file."""
    actions = {}
    for action in parser._actions:
        names = [option[2:] for option in action.option_strings if option.startswith("--")] or [action.dest]
        actions.update((name.replace("-", "_"), action) for name in names)
    return actions


def _section(options, known):
    """The section of a configuration file for `options`, and the names of those that the release does not know."""
    section, unknown = {}, []
    for name, value in dict(options, preload=_preload(options.get("preload"))).items():
        name_here = name if name in known else FORMER_OPTIONS.get(name, name)
        if name_here not in known:
            unknown.append(name)
        elif value is not None:
            section[name_here] = value
    return section, sorted(unknown)


def _read(config_class, section, parser):
    """The release's own reading of a section. As a file has it, 0.5 is good for an integer too."""
    if hasattr(config_class, "parse_with_section"):
        return config_class.parse_with_section("scaler_worker_manager", section, argv=[])
    # The first releases of 1.26 read a whole file or sys.argv, and nothing else.
    known, positional, arguments = _actions(parser), [], []
    for name, value in section.items():
        if not known[name].option_strings:
            positional.append(value)
        elif value is True:
            arguments.append(known[name].option_strings[0])
        elif value is not False:
            values = [str(item) for item in value] if isinstance(value, list) else [str(value)]
            arguments += [known[name].option_strings[0]] + values
    former, sys.argv = sys.argv, ["scaler_worker_manager"] + positional + arguments
    try:
        return config_class.parse("scaler_worker_manager", "native_worker_manager")
    finally:
        sys.argv = former


def _preload(spec):
    """The page shows a bare module for --preload; upstream wants module:function(...). One can be said as the other."""
    return "importlib:import_module(%r)" % spec if spec and ":" not in spec else spec
