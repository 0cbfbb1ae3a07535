"""Finds the binary, and replaces a Python process by it."""

import os
import signal
import sys
import sysconfig

NAME = "scaler_worker_manager"


def find():
    """The path of the binary. FileNotFoundError names the paths that were tried."""
    # The package's own copy comes first: if Scaler was installed later, the script of that name is Scaler's.
    places = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", NAME)]
    places.append(os.path.join(sysconfig.get_path("scripts"), NAME))
    found = []
    for place in places:
        complaint = _complaint(place)
        if complaint is None:
            return place
        found.append("%s (%s)" % (place, complaint))
    raise FileNotFoundError("cannot find the binary; looked at " + ", ".join(found))


def _complaint(path):
    try:
        with open(path, "rb") as file:
            if file.read(2) == b"#!":
                return "a script, Scaler's own"
    except OSError as error:
        return error.strerror
    return None if os.access(path, os.X_OK) else "not executable"


def become(arguments, environment, name=NAME):
    """Replace this process by the binary (exec). OSError if that fails; the process is then as it was."""
    path = find()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    # Ignored and blocked signals survive an exec, and Python ignores these two.
    former = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGPIPE, signal.SIGXFSZ)}
    mask = signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        os.execve(path, [name] + arguments, dict(os.environ, **environment))
    except OSError as error:
        raise OSError("cannot run %s: %s" % (path, error.strerror)) from error
    finally:  # reached only if the exec failed
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in former.items():
            signal.signal(number, handler)
