"""Scaler's loggers, which the worker host configures once for all of its children."""

import logging
import logging.config
import os


def share(setup_logger):
    """Configure the loggers as `setup_logger` does by default, and skip the same configuration in a child.

    Every worker begins with it, and every processor that has no log file or level of its own (1.26.0 to 2.9.0). It
    costs a child a millisecond and the copies of fifty pages. Only a child's first call is intercepted, so that a task
    can configure its own loggers. Log files, which have the pid in their names (1.26.0 to 2.9.0), are opened again
    after a rotation.
    """
    set_up = logging.config.dictConfig

    def in_child(config):
        logging.config.dictConfig = set_up
        if config != shared:
            set_up(config)
            for name in ["", *config.get("loggers", ())]:
                for handler in logging.getLogger(name).handlers:
                    if isinstance(handler, logging.FileHandler):
                        _follow(handler)

    found = []
    former = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # it logs where it logs to, which each child has to log itself
    logging.config.dictConfig = found.append
    try:
        setup_logger()
    finally:
        logging.config.dictConfig = set_up
        logging.disable(former)
    (shared,) = found
    set_up(shared)
    logging.config.dictConfig = in_child


def _follow(handler):
    """Make a handler open its file again if that has been renamed or removed, for instance by logrotate.

    Nobody else tells processors: SIGHUP goes to the manager. The handler itself stays as it is, and rotates at midnight
    as Scaler has configured it.
    """
    emit = handler.emit

    def follow_and_emit(record):
        try:
            if handler.stream is not None and not _is_at(handler.stream, handler.baseFilename):
                former, handler.stream = handler.stream, handler._open()
                former.close()
        except (OSError, ValueError):
            pass  # the old file is better than none
        emit(record)

    handler.emit = follow_and_emit


def _is_at(stream, path):
    try:
        return os.path.samestat(os.fstat(stream.fileno()), os.stat(path))
    except FileNotFoundError:
        return False
