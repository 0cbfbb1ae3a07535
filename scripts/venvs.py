#!/usr/bin/env python3
"""Make virtual environments, each from its requirements lock: one a Scaler release, and those of the benchmarks.

    scripts/venvs.py                 every release that has a lock
    scripts/venvs.py 1.26.6 2.9.0    these only
    scripts/venvs.py bench           Dask and Ray, which the benchmarks compare with
    scripts/venvs.py bench-2.9.0     a release with NumPy and pandas, for the benchmarks
    scripts/venvs.py --list          the releases, oldest first

Environments stand in .venvs/<name>. One that already matches its lock is left
alone; one that does not is made anew. Two are made at a time.
"""

import concurrent.futures
import hashlib
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOCKS = ROOT / "integration" / "requirements"
BENCH = ROOT / "scripts" / "benchmarks" / "requirements"
VENVS = ROOT / ".venvs"


def releases():
    return sorted((lock.stem for lock in LOCKS.glob("*.txt")), key=lambda name: [int(part) for part in name.split(".")])


def lock_of(name):
    return (BENCH if name.startswith("bench") else LOCKS) / f"{name}.txt"


def fingerprint(lock):
    """What an environment was made from: the lock and the Python that made it."""
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def make(name):
    lock, venv = lock_of(name), VENVS / name
    stamp = venv / "made-from"
    if stamp.exists() and stamp.read_text() == fingerprint(lock):
        return f"{name}: ready"
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    # Compiled here, once: the tests compare start-up times, which a first run that compiles would spoil.
    install = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--compile", "-r", str(lock)]
    subprocess.run(install, check=True)
    stamp.write_text(fingerprint(lock))
    return f"{name}: made"


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(releases()))
        return 0
    wanted = arguments or releases()
    unknown = [name for name in wanted if not lock_of(name).exists()]
    if unknown:
        missing = ", ".join(str(lock_of(name).relative_to(ROOT)) for name in unknown)
        print(f"venvs.py: no lock {missing}", file=sys.stderr)
        return 2
    failed = False
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, job in [(name, pool.submit(make, name)) for name in wanted]:
            try:
                print(job.result())
            except subprocess.CalledProcessError as error:
                print(f"venvs.py: {name}: {error}", file=sys.stderr)
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
