#!/usr/bin/env python3
"""Make virtual environments, each from a requirements file with pinned versions.

    scripts/venvs.py                 one for every tested release of Scaler
    scripts/venvs.py 1.26.6 2.9.0    these releases only
    scripts/venvs.py checks          ruff and shellcheck
    scripts/venvs.py coverage-2.9.0  a release and coverage.py, for the coverage of our Python code
    scripts/venvs.py bench           Dask, Ray and matplotlib, for the benchmarks
    scripts/venvs.py bench-2.9.0     a release with NumPy and pandas, for the benchmarks
    scripts/venvs.py examples        what the tests of the examples need
    scripts/venvs.py packaging       the tools that build and check wheels
    scripts/venvs.py --second 3.13 2.9.0   with another Python of this machine, by version or path, if it has that
    scripts/venvs.py --list          print the releases, oldest first

An environment is .venvs/<name>, with a second Python .venvs/py<version>-<name>. One that matches its requirements is
left as it is; one that does not is made again. Two are made at a time.
"""

import concurrent.futures
import hashlib
import pathlib
import shutil
import subprocess
import sys

import pythons

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASES = ROOT / "integration" / "requirements"
TOOLS = ROOT / "scripts" / "requirements"
EXAMPLES = ROOT / "examples" / "tests" / "requirements.txt"
VENVS = ROOT / ".venvs"


def releases():
    """The tested releases of Scaler, oldest first."""
    names = (lock.stem for lock in RELEASES.glob("*.txt"))
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])


def lock_of(name):
    if name == "examples":
        return EXAMPLES
    return (RELEASES if name[0].isdigit() else TOOLS) / f"{name}.txt"


def fingerprint(lock, python):
    """A digest of what an environment is made from: the requirements and the version of Python."""
    version = subprocess.run(
        [python, "-c", "import sys; print(sys.version, end='')"], stdout=subprocess.PIPE, check=True
    )
    return hashlib.sha256(lock.read_bytes() + version.stdout).hexdigest()


def make(lock, name, python):
    venv = VENVS / name
    stamp, made_from = venv / "made-from", fingerprint(lock, python)
    if stamp.exists() and stamp.read_text() == made_from:
        return f"{name}: ready"
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([python, "-m", "venv", str(venv)], check=True)
    # Compile now: the tests compare start-up times, and the first import would spoil them.
    install = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--compile", "-r", str(lock)]
    subprocess.run(install, check=True)
    stamp.write_text(made_from)
    return f"{name}: made"


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(releases()))
        return 0
    python, version = sys.executable, pythons.OWN
    if arguments[:1] == ["--second"] and len(arguments) > 1:
        python, version = pythons.second(arguments[1])
        if not python:
            print(f"venvs.py: no second Python ({arguments[1]})")
            return 0
        arguments = arguments[2:]
    wanted = arguments or releases()
    unknown = [name for name in wanted if not lock_of(name).exists()]
    if unknown:
        missing = ", ".join(str(lock_of(name).relative_to(ROOT)) for name in unknown)
        print(f"venvs.py: no requirements file {missing}", file=sys.stderr)
        return 2
    failed = False
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        named = [(name, pythons.environment(name, version)) for name in wanted]
        for name, job in [(venv, pool.submit(make, lock_of(name), venv, python)) for name, venv in named]:
            try:
                print(job.result())
            except subprocess.CalledProcessError as error:
                print(f"venvs.py: {name}: {error}", file=sys.stderr)
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
