#!/usr/bin/env python3
"""Make one virtual environment a Scaler release, from its requirements lock.

    scripts/venvs.py                 every release that has a lock
    scripts/venvs.py 1.26.6 2.9.0    these only
    scripts/venvs.py bench           what the benchmarks compare with
    scripts/venvs.py --list          the releases, oldest first

Environments stand in .venvs/<release>. One that already matches its lock is left
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
BENCH = ROOT / "scripts" / "bench-requirements.txt"
VENVS = ROOT / ".venvs"


def releases():
    return sorted((lock.stem for lock in LOCKS.glob("*.txt")), key=lambda name: [int(part) for part in name.split(".")])


def fingerprint(lock):
    """What an environment was made from: the lock and the Python that made it."""
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def make(release):
    lock, venv = BENCH if release == "bench" else LOCKS / f"{release}.txt", VENVS / release
    stamp = venv / "made-from"
    if stamp.exists() and stamp.read_text() == fingerprint(lock):
        return f"{release}: ready"
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    # Compiled here, once: the tests compare start-up times, which a first run that compiles would spoil.
    install = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--compile", "-r", str(lock)]
    subprocess.run(install, check=True)
    stamp.write_text(fingerprint(lock))
    return f"{release}: made"


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(releases()))
        return 0
    wanted = arguments or releases()
    unknown = sorted(set(wanted) - set(releases()) - {"bench"})
    if unknown:
        print(f"venvs.py: no lock for {', '.join(unknown)} in {LOCKS.relative_to(ROOT)}", file=sys.stderr)
        return 2
    failed = False
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for release, job in [(release, pool.submit(make, release)) for release in wanted]:
            try:
                print(job.result())
            except subprocess.CalledProcessError as error:
                print(f"venvs.py: {release}: {error}", file=sys.stderr)
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
