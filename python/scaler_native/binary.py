"""Finds the binary, and replaces a Python process by it."""

import os
import signal
import sys

NAME = "scaler_worker_manager"

# The variable with the Python that starts the binary, which removes it from the environment. SCALER_PYTHON is for
# users: it overrides the configuration file, and messages name it.
PYTHON = "SCALER_NATIVE_PYTHON"


def find():
    """The path of the binary. FileNotFoundError names the paths that were tried."""
    package = os.path.dirname(os.path.abspath(__file__))
    # A wheel has it in the package; `make build` and `pip install -e` put it into bin/ of the sources.
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


def _check_space(path):
    """OSError if the Go runtime cannot start under this process's RLIMIT_AS. It would end with a dump of its stack.

    It reserves some 700 MB of addresses, and how much is too little depends on how they are laid out: so try.
    """
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return
    import subprocess

    if subprocess.call([path, "--help"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) != 0:
        raise OSError(
            "the binary cannot start with %d MiB of address space: raise RLIMIT_AS (ulimit -v), 2 GiB are enough"
            % (limit >> 20)
        )


def this_python():
    """The environment that makes the binary use this Python, unless the user names another one."""
    return {} if os.environ.get("SCALER_PYTHON") else {PYTHON: sys.executable}


def become(arguments, environment, name=NAME):
    """Replace this process by the binary (exec). OSError if that fails; the process is then as it was."""
    path = find()
    _check_space(path)
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
