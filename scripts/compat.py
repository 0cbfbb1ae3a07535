#!/usr/bin/env python3
"""Run every published release of Scaler from 1.26 on with this manager: docs/compatibility.md.

    scripts/compat.py                            on all Pythons of this machine from 3.8 on
    scripts/compat.py --pythons 3.11,3.13        on these
    scripts/compat.py --releases 2.9.0,1.26.0    these releases; the page keeps what it has of the others
    scripts/compat.py --resume                   leave out what build/compat.json has already

pip asks the registry which releases there are and installs each into a temporary environment. Status 1 if a trial
fails: its logs are in build/compat. It takes a quarter of an hour a Python.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pythons
from agent_releases import PACKAGE, published
from cluster import BINARY, ROOT
from compat import table, trial

RESULTS, PAGE = ROOT / "build" / "compat.json", ROOT / "docs" / "compatibility.md"
VERSIONS = ["3.%d" % minor for minor in range(8, 15)]


def try_one(release, version, python):
    with tempfile.TemporaryDirectory(prefix="compat") as folder:
        environment, logs = pathlib.Path(folder) / "venv", pathlib.Path(folder) / "logs"
        subprocess.run([python, "-m", "venv", str(environment)], check=True)
        reason = install(environment, PACKAGE + "==" + release)
        if reason:
            return {"missing": reason}
        undeclared = complete(environment)
        found = attempt(release, environment, logs, trial.Manager)
        found["undeclared"] = undeclared
        if found["failed"]:
            found["own"] = attempt(release, environment, logs / "own", trial.ScalersManager)["failed"]
            kept = RESULTS.parent / "compat" / ("%s-%s" % (release, version))
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(logs, kept, ignore=lambda *_: ["control.sock"])
        return found


def attempt(release, environment, logs, manager_of):
    logs.mkdir()
    try:
        return trial.run(release, environment, logs, manager_of)
    except (OSError, ValueError, SystemExit) as error:  # a part of the cluster that does not start
        return {"agent": "", "why": "", "failed": ["%s: %s" % (type(error).__name__, error)]}


def complete(environment):
    """Install the modules that a release imports without having declared them. Returns their names."""
    names = []
    while True:
        command = [str(environment / "bin" / "python"), "-c", "import scaler"]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        missing = re.search("^ModuleNotFoundError: No module named '([a-z_]+)'$", done.stderr, re.MULTILINE)
        if not missing or missing[1] in names or install(environment, missing[1]):
            return names
        names.append(missing[1])


def install(environment, requirement):
    """Returns the error, or ""."""
    command = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Wheels only: built from source, a release might install where none is published for.
    command += ["--only-binary", PACKAGE, requirement]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def read():
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pythons", default=",".join(VERSIONS), help="versions, separated by commas")
    parser.add_argument("--releases", default="", help="releases, separated by commas")
    parser.add_argument("--resume", action="store_true", help="leave out what was tried before")
    options = parser.parse_args()
    if not BINARY.exists():
        parser.error("run `make compat`, which builds the binary first")
    found = {version: pythons.find(version) for version in options.pythons.split(",")}
    here = {version: path for version, path in found.items() if path}
    if not here:
        parser.error("this machine has none of Python " + options.pythons)
    results = read() if options.resume or options.releases else {}
    RESULTS.parent.mkdir(exist_ok=True)
    for release in options.releases.split(",") if options.releases else published():
        for version, path in here.items():
            row = results.setdefault(release, {})
            if options.resume and version in row:
                continue
            row[version] = try_one(release, version, path)
            print("Scaler %s, Python %s: %s" % (release, version, json.dumps(row[version])), flush=True)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    PAGE.write_text(table.render(results))
    faults = table.failed(results)
    print("\n".join(faults) or "all passed", file=sys.stderr if faults else sys.stdout)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
