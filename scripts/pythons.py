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
    """The path of an interpreter that runs, by path or version (on PATH, or pyenv's newest). None if there is none."""
    if os.sep in wanted:
        return wanted if version(wanted) else None
    candidates = [shutil.which("python" + wanted), *_pyenv(wanted)]
    return next((path for path in candidates if path and version(path) == wanted), None)


def version(path):
    """The version of an interpreter, such as 3.13. None if it does not run, as a shim of pyenv may not."""
    try:
        answer = subprocess.run([path, "-c", VERSION], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def second(wanted):
    """The path and version of a second interpreter. The path is None if it is missing, both are if none is wanted."""
    if wanted in ("", "none", OWN):
        return None, None
    path = find(wanted)
    return path, version(path) if path else wanted


def environment(name, python=OWN):
    """The name in .venvs of a release's environment with that version of Python."""
    return name if python == OWN else "py%s-%s" % (python, name)


def _pyenv(wanted):
    """The interpreters of that version that pyenv has, the newest first."""
    root = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv") / "versions"
    found = [path for path in root.glob(wanted + ".*") if re.fullmatch(r"[\d.]+", path.name)]
    return [str(path / "bin" / "python") for path in sorted(found, key=lambda path: -int(path.name.rsplit(".", 1)[1]))]
