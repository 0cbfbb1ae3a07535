"""What reaches the manager's own output; each line holds PARITY and the case's name."""

from registry import look


@look
def output_printed():
    print("PARITY output-printed")


@look
def output_without_a_newline():
    print("PARITY output-without-a-newline", end="")


@look
def output_ends_the_line():
    print(" and its end")


@look
def output_raw():
    import os

    return {"written": os.write(1, b"PARITY output-raw\n")}


@look
def output_of_errors():
    import sys

    print("PARITY output-of-errors", file=sys.stderr)


@look
def output_of_a_child():
    import subprocess

    return {"status": subprocess.call(["echo", "PARITY output-of-a-child"])}


@look
def output_of_a_fork():
    import os
    import sys

    # What waits in the buffer is written by both.
    print("PARITY output-of-a-fork before")
    pid = os.fork()
    if not pid:
        print("PARITY output-of-a-fork child")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)


@look
def output_of_multiprocessing():
    import multiprocessing

    for method in multiprocessing.get_all_start_methods():
        process = multiprocessing.get_context(method).Process(
            target=print, args=("PARITY output-of-multiprocessing " + method,)
        )
        process.start()
        process.join()


@look
def output_flushed():
    import sys

    print("PARITY output-flushed")
    sys.stdout.flush()


@look
def output_not_ascii():
    print("PARITY output-not-ascii é €")


@look
def output_not_encodable():
    try:
        print("PARITY output-not-encodable \udc80")
    except UnicodeEncodeError as error:
        return {"error": error.encoding}


@look
def output_logged():
    import logging

    logging.debug("PARITY output-logged debug by the root")
    logging.info("PARITY output-logged info by the root")
    logging.getLogger("scaler").warning("PARITY output-logged warning by Scaler's")
    logging.getLogger("of.a.task").info("PARITY output-logged info by its own")
    logging.getLogger("of.a.task").error("PARITY output-logged error by its own")


@look
def output_logged_by_basic_config():
    import logging

    logging.basicConfig(format="PARITY %(message)s", level=logging.DEBUG)
    logging.debug("PARITY output-logged-by-basic-config")


@look
def output_logged_exception():
    import logging

    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("PARITY output-logged-exception")


@look
def output_warning():
    import warnings

    warnings.warn("PARITY output-warning")
    warnings.warn("PARITY output-warning of old", DeprecationWarning)
    warnings.warn("PARITY output-warning of a resource", ResourceWarning)


@look
def output_of_a_thread_that_fails():
    import threading

    thread = threading.Thread(target=lambda: int("PARITY output-of-a-thread-that-fails"))
    thread.start()
    thread.join()


@look
def output_unraisable():
    class Bad:
        def __del__(self):
            raise ValueError("PARITY output-unraisable")

    Bad()


@look
def output_of_a_handler():
    import logging
    import sys

    handler = logging.StreamHandler(sys.stdout)
    logger = logging.getLogger("handled")
    logger.addHandler(handler)
    logger.warning("PARITY output-of-a-handler")
    logger.removeHandler(handler)


@look
def output_redirected():
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as text:
        print("PARITY output-redirected")
    return {"text": text.getvalue()}


@look
def output_huge():
    import sys

    line = "FILLER" + "x" * 1017 + "\n"
    for _ in range(50 * 1024):
        sys.stdout.write(line)
    sys.stdout.flush()
