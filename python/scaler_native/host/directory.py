"""Keeps the working directory out of an interpreter's first imports."""

import sys


def leave():
    """Take the working directory off sys.path, and return what the path would be without the '' of `python -c`.

    A json.py in the working directory must not be imported as Python's own. An empty entry or "." in PYTHONPATH puts
    the directory on the path a second time. Until now only Python itself has imported modules, among them os.
    """
    import posix

    # With PYTHONSAFEPATH (Python 3.11) it is not on the path.
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
