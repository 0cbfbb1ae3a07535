"""Options for the installed Scaler, as a section of a configuration file that its own parser reads."""

import argparse
import contextlib
import io
import sys

# The names of options in releases before 2.0.
FORMER_OPTIONS = {"worker_scheduler_address": "public_scheduler_address"}


def parse(config_class, options):
    """Returns the release's own configuration object, and the names of the options that it does not know.

    `options` maps the names of Scaler's fields to values; None is left out. ValueError has the release's own complaint.
    """
    parser = argparse.ArgumentParser(add_help=False)
    config_class.configure_parser(parser)
    section, unknown = _section(options, _actions(parser))
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            return _read(config_class, section, parser), unknown
    except SystemExit:
        raise ValueError(complaint.getvalue().strip().rsplit("\n", 1)[-1]) from None


def _actions(parser):
    """The parser's actions by their keys in a configuration file."""
    actions = {}
    for action in parser._actions:
        names = [option[2:] for option in action.option_strings if option.startswith("--")] or [action.dest]
        actions.update((name.replace("-", "_"), action) for name in names)
    return actions


def _section(options, known):
    """The section for `options`, and the names of the options that the release does not know."""
    section, unknown = {}, []
    for name, value in dict(options, preload=_preload(options.get("preload"))).items():
        name_here = name if name in known else FORMER_OPTIONS.get(name, name)
        if name_here not in known:
            unknown.append(name)
        elif value is not None:
            section[name_here] = value
    return section, sorted(unknown)


def _read(config_class, section, parser):
    """Have the release read a section. In a section 0.5 is valid for an integer option, on a command line it is not."""
    if hasattr(config_class, "parse_with_section"):
        return config_class.parse_with_section("scaler_worker_manager", section, argv=[])
    # The first releases of 1.26 can read a whole file or sys.argv only.
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
    """Scaler's documentation shows a bare module for --preload, but its parser wants module:function(...)."""
    return "importlib:import_module(%r)" % spec if spec and ":" not in spec else spec
