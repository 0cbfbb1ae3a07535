"""The second Python of the benchmarks: another interpreter of this machine, if it has one."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"
OWN = "%d.%d" % sys.version_info[:2]


def find(wanted):
    """An interpreter that starts, by its path or by its version (on PATH, or of pyenv), or None."""
    if os.sep in wanted:
        return wanted if version(wanted) else None
    candidates = [shutil.which("python" + wanted), *_pyenv(wanted)]
    return next((path for path in candidates if path and version(path) == wanted), None)


def version(path):
    """As 3.13; None if it does not start, as pyenv's shim of a version that is not chosen."""
    try:
        answer = subprocess.run([path, "-c", VERSION], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def second(wanted):
    """The path of a second interpreter and its version; the path is None if there is none, the version if none is wanted."""
    if wanted in ("", "none", OWN):
        return None, None
    path = find(wanted)
    return path, version(path) if path else wanted


def environment(name, python=OWN):
    """The folder below .venvs of a release with that version of Python."""
    return name if python == OWN else "py%s-%s" % (python, name)


def _pyenv(wanted):
    """Newest first."""
    root = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv") / "versions"
    found = [path for path in root.glob(wanted + ".*") if re.fullmatch(r"[\d.]+", path.name)]
    return [str(path / "bin" / "python") for path in sorted(found, key=lambda path: -int(path.name.rsplit(".", 1)[1]))]
