#!/usr/bin/env python3
"""Maintain the table of the releases whose agent the native agent can replace.

    scripts/agent_releases.py --all                 write the table for all published releases from 1.26.0 on
    scripts/agent_releases.py --check               compare it with the published releases: status 1 if it differs
    scripts/agent_releases.py 2.10.0                show what changed in the agent since the newest known release
    scripts/agent_releases.py 2.10.0 --add          show it, and add the release to the table

A line of the table has the digest of the agent's sources (facts.digest of the worker host) and the releases that have
it. Add a release after reading its changes, and after changing the native agent where they matter. pip asks the
registry and downloads wheels into a temporary folder; no code of them is run.
"""

import argparse
import difflib
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "go" / "internal" / "scaler" / "agent_digests.txt"
PACKAGE, OLDEST = "opengris-scaler", (1, 26, 0)
AGENT = re.compile(r"scaler/worker/(worker\.py|agent/[^/]+\.py)")

sys.path.insert(0, str(ROOT / "python"))
from scaler_native.host import facts  # noqa: E402


def number(version):
    return tuple(int(part) for part in version.split("."))


def pip(*arguments):
    command = [sys.executable, "-m", "pip", *arguments, "--disable-pip-version-check"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def published():
    listed = re.search(r"^Available versions: (.*)$", pip("index", "versions", PACKAGE), re.MULTILINE)
    versions = [version for version in listed[1].split(", ") if re.fullmatch(r"\d+\.\d+\.\d+", version)]
    return sorted((version for version in versions if number(version) >= OLDEST), key=number)


def unpack(version, folder):
    """Download a release and unpack its agent's sources. Returns their folder, which corresponds to scaler.worker."""
    target = pathlib.Path(folder) / version
    pip("download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(target), f"{PACKAGE}=={version}")
    (wheel,) = target.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target, [name for name in archive.namelist() if AGENT.fullmatch(name)])
    wheel.unlink()
    return target / "scaler" / "worker"


def digest(worker):
    found = facts.digest(str(worker))
    if not found:
        raise SystemExit(f"no sources of an agent in {worker}")
    return found


def read_table():
    """The digests by release."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    return {version: found for found, *versions in lines for version in versions}


def format_table(known):
    releases = {}
    for version in sorted(known, key=number):
        releases.setdefault(known[version], []).append(version)
    lines = [f"{found} {' '.join(versions)}\n" for found, versions in releases.items()]
    head = "# Digests of the agent's sources, and the releases of Scaler that have them: scripts/agent_releases.py.\n"
    return head + "".join(lines)


def differences(old, new):
    """The unified diff of the agent's sources of two releases; the labels name the releases."""

    def lines(worker, name):
        path = worker / name
        return path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []

    names = {str(path.relative_to(worker)) for worker in (old, new) for path in worker.rglob("*.py")}
    for name in sorted(names):
        labels = [f"{worker.parent.parent.name}/{name}" for worker in (old, new)]
        yield from difflib.unified_diff(lines(old, name), lines(new, name), *labels)


def show(version, add):
    known = read_table()
    newest = max((other for other in known if other != version), key=number)
    with tempfile.TemporaryDirectory() as folder:
        old, new = unpack(newest, folder), unpack(version, folder)
        sys.stdout.writelines(differences(old, new))
        found = digest(new)
    same = [other for other, value in known.items() if value == found]
    print(f"{version}: {found}, " + (f"as in {' '.join(same)}" if same else "unknown"))
    if add:
        TABLE.write_text(format_table({**known, version: found}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", nargs="?", help="show what changed in the agent of this release")
    parser.add_argument("--add", action="store_true", help="add the release to the table")
    parser.add_argument("--all", action="store_true", help="write the table again")
    parser.add_argument("--check", action="store_true", help="compare the table with the published releases")
    options = parser.parse_args()
    if options.release:
        return show(options.release, options.add)
    if not options.all and not options.check:
        parser.error("which release? See --help")
    with tempfile.TemporaryDirectory() as folder:
        table = format_table({version: digest(unpack(version, folder)) for version in published()})
    if options.all:
        TABLE.write_text(table)
    elif TABLE.read_text() != table:
        sys.stdout.writelines(
            difflib.unified_diff(TABLE.read_text().splitlines(True), table.splitlines(True), "table", "published")
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
