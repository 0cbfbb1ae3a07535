"""Where the binary stands, and how a Python process becomes it."""

import os
import signal
import sys

NAME = "scaler_worker_manager"


def find():
    """The path of the binary. The error names the places that were looked at."""
    package = os.path.dirname(os.path.abspath(__file__))
    # In the package, where a wheel has it, or in bin/ of the sources, where `make build` and `pip install -e` put it.
    places = [os.path.join(package, "bin", NAME), os.path.join(os.path.dirname(os.path.dirname(package)), "bin", NAME)]
    found = []
    for place in places:
        complaint = _complaint(place)
        if complaint is None:
            return place
        found.append("%s (%s)" % (place, complaint))
    raise FileNotFoundError("cannot find the binary; looked at " + ", ".join(found))


def _complaint(path):
    try:
        os.stat(path)
    except OSError as error:
        return error.strerror
    return None if os.access(path, os.X_OK) else "not executable"


def this_python():
    """The variable that has the binary use this interpreter, unless the user named another one."""
    return {"SCALER_PYTHON": os.environ.get("SCALER_PYTHON") or sys.executable}


def become(arguments, environment, name=NAME):
    """Replace this process by the binary: pid, signals, exit status and standard streams are then the binary's."""
    path = find()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    # What Python ignores for itself would stay ignored, and what is blocked here would stay blocked.
    former = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGPIPE, signal.SIGXFSZ)}
    mask = signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        os.execve(path, [name] + arguments, dict(os.environ, **environment))
    except OSError as error:
        raise OSError("cannot run %s: %s" % (path, error.strerror))
    finally:  # only after a failure
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in former.items():
            signal.signal(number, handler)
