"""Scaler's loggers, which the worker host sets up once for all of its children."""

import logging
import logging.config
import os


def share(setup_logger):
    """Set up the loggers as `setup_logger` does when nothing else is asked for, and keep a child from doing it again.

    Every worker begins with that, and so does every processor that has no log file or level of its own (1.26.0 to
    2.9.0). It costs a child a millisecond and the copies of fifty pages. Only its first set-up is looked at, so that a
    task may set up what it likes. The files of that, which have the pid in their names (1.26.0 to 2.9.0), are followed.
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
    logging.disable(logging.CRITICAL)  # it says where it logs to, which a child has to say itself
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
    """Have a handler write to a new file once its own has been renamed or removed, as by logrotate.

    Nobody tells processors to reopen their files: SIGHUP is the manager's. To the handler nothing else is done, so that
    it rotates at midnight as Scaler has it.
    """
    emit = handler.emit

    def follow_and_emit(record):
        try:
            if handler.stream is not None and not _is_at(handler.stream, handler.baseFilename):
                former, handler.stream = handler.stream, handler._open()
                former.close()
        except (OSError, ValueError):
            pass  # the former file is better than none
        emit(record)

    handler.emit = follow_and_emit


def _is_at(stream, path):
    try:
        return os.path.samestat(os.fstat(stream.fileno()), os.stat(path))
    except FileNotFoundError:
        return False
