"""Scaler's loggers, which the worker host sets up once for all of its children."""

import logging
import logging.config


def share(setup_logger):
    """Set up the loggers as `setup_logger` does when nothing else is asked for, and keep a child from doing it again.

    Every worker begins with that, and so does every processor that has no log file or level of its own (1.26.0 to
    2.9.0). It costs a child a millisecond and the copies of fifty pages. Only its first set-up is looked at, so that a
    task may set up what it likes.
    """
    set_up = logging.config.dictConfig

    def in_child(config):
        logging.config.dictConfig = set_up
        if config != shared:
            set_up(config)

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
