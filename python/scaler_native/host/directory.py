"""Keeps the working directory out of the imports with which an interpreter begins."""

import sys


def leave():
    """Take the working directory off sys.path, and return what the path would be without the '' of `python -c`.

    A json.py that happens to lie there must not be taken for Python's own. It is on the path a second time where
    PYTHONPATH has an empty entry or ".". What is already imported here was by Python itself; os among it.
    """
    import posix

    # Not put there with PYTHONSAFEPATH (Python 3.11).
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]
    whole = sys.path[:]
    # The working directory may be the standard library's own.
    library = getattr(sys.modules.get("os"), "__file__", "").rpartition("/")[0]

    def elsewhere(folder):
        try:
            here, there = posix.stat("."), posix.stat(folder or ".")
        except OSError:  # a folder that has been removed
            return True
        return (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino)

    sys.path[:] = [folder for folder in whole if folder in (library, library + "/lib-dynload") or elsewhere(folder)]
    return whole
