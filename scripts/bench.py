#!/usr/bin/env python3
"""Compare this worker manager with Scaler's Python one, Dask, Ray and raw forks, side by side.

    scripts/bench.py                          all, in 45 minutes on two cores: what `make bench` runs
    scripts/bench.py --only fixed cancel      these measurements only
    scripts/bench.py --resume                 go on with a run that ended early
    scripts/bench.py --render                 make tables and plots again of what was measured

The contestants take turns, measurement after measurement and run after run, so that a machine whose speed drifts
is fair to all. What others do on the machine is recorded beside each turn, and a turn of a machine that was not
quiet is thrown out and made again. Every turn is kept in build/bench.json at once. Prints a table; a whole run also
writes it to docs/benchmarks.md, its plots to docs/benchmarks and a few medians into the README. What fails is in the
table, and fails the command, which then writes nothing. Needs what `make bench` makes first: the binary and the
environments.
"""

import argparse
import hashlib
import os
import pathlib
import platform
import signal
import subprocess
import sys
import time

import pythons
from cluster import BINARY, ROOT

from benchmarks import leftovers, load, peers, processes, table
from benchmarks.catalogue import CHOSEN, MEASUREMENTS
from benchmarks.contest import Contest
from benchmarks.manager import KINDS
from benchmarks.results import Results
from benchmarks.turns import settings, turns

BUILT = ROOT / "build"
MARKS = "<!-- benchmarks: written by scripts/bench.py -->\n", "<!-- end of benchmarks -->\n"


def say(text):
    print(text, file=sys.stderr, flush=True)


def installed(setting):
    return (ROOT / ".venvs" / pythons.environment(*setting) / "made-from").exists()


def circumstances(chosen):
    """What all turns of a file have in common."""
    found, second = pythons.second(chosen.second)
    missing = second and not found and "No Python %s on this machine." % second
    if found and not all(map(installed, settings(chosen.releases, [second]))):
        found, missing = None, "The releases of Scaler did not install with Python %s here." % second
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return {
        "releases": chosen.releases,
        "pythons": [pythons.OWN] + [second] * bool(found),
        "missing": {second: missing} if missing else {},
        "absent": [] if peers.installed() else list(peers.WORKING),
        "runs": chosen.runs,
        "machine": "%s, %d CPUs, %.0f GB, Linux %s" % (platform.machine(), os.cpu_count(), memory, platform.release()),
        "memory": memory,
        "binary": hashlib.sha256(BINARY.read_bytes()).hexdigest(),
    }


def planned(made):
    """All turns that are possible."""
    for turn in turns(MEASUREMENTS, made["releases"], made["pythons"], made["runs"]):
        if turn.measurement.gigabytes <= made["memory"] and turn.kind not in made["absent"]:
            yield turn


def attempt(turn, patience):
    before = load.await_quiet(patience)
    with leftovers.cleared():
        watch = load.Watch()
        try:
            values = turn.measurement(Contest(turn.setting, turn.kind))
        finally:
            processes.sweep()
        _, others = watch.busy()
    return values, load.Load(before, others)


def take(turn, results, patience):
    """Whatever goes wrong in one turn, the others are still taken."""
    begun = time.time()
    try:
        made = load.quietly(lambda: attempt(turn, patience), patience)
        results.add(turn, made, time.time() - begun)
        note = "others %.1f %%, %d thrown out" % (made.load.others * 100, made.thrown)
        say("  %s: %.0f s, %s" % (turn, time.time() - begun, note))
    except Exception as error:
        results.fail(turn, error, time.time() - begun)
        say("  %s FAILED: %s" % (turn, error))


def measure(results, chosen):
    patience = load.Patience(chosen.patience)
    for turn in planned(results.made):
        asked = not chosen.only or turn.measurement.name in chosen.only
        asked = asked and (not chosen.who or turn.kind in chosen.who)
        late = results.seconds > chosen.minutes * 60
        if asked and not results.has(turn) and not (late and turn.run > 0):
            take(turn, results, patience)
            results.save(chosen.file)


def lacking(results):
    """The turns of the first run that have not been taken: those of later runs may be too late."""
    return [turn for turn in planned(results.made) if turn.run == 0 and not results.has(turn)]


def write(results, file, docs, readme):
    (docs / "benchmarks.md").write_text(table.whole(results, MEASUREMENTS))
    before, _, rest = readme.read_text().partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    readme.write_text("".join([before, MARKS[0], table.summary(results, CHOSEN), "\n", MARKS[1], after]))
    if not peers.installed():
        say("bench: no environment with matplotlib: the plots are not drawn")
        return
    (docs / "benchmarks").mkdir(exist_ok=True)
    command = [
        str(peers.VENV / "bin" / "python"),
        "-m",
        "benchmarks.plot",
        str(file.resolve()),
        str(docs / "benchmarks"),
    ]
    subprocess.run(command, cwd=ROOT / "scripts", check=True)


def options():
    names = [measurement.name for measurement in MEASUREMENTS]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--runs", type=int, default=3, help="of what is cheap; what is costly is measured once")
    add("--minutes", type=float, default=43, help="after which only what nobody has measured is measured")
    add("--patience", type=float, default=8 * 60, help="seconds in all for waiting and repeating")
    add("--releases", nargs="+", default=["1.26.6", "2.9.0"], help="the newest last")
    add("--second", default="3.13", metavar="PYTHON", help="version or path of a second Python, or none")
    add("--quick", action="store_true", help="the same as --only fixed")
    add("--only", nargs="+", metavar="NAME", choices=names, help="%s; no page is written" % ", ".join(names))
    add("--who", nargs="+", metavar="NAME", choices=[*KINDS, *peers.PEERS], help="of %(choices)s; no page is written")
    add("--file", type=pathlib.Path, help="where turns are kept: build/bench.json, or build/trial.json of a part")
    add("--resume", action="store_true", help="do not repeat what is there")
    add("--render", action="store_true", help="measure nothing")
    add("--into", type=pathlib.Path, metavar="FOLDER", help="write pages and plots there, of a part too")
    chosen = parser.parse_args()
    if chosen.runs < 1:
        parser.error("--runs must be at least 1")
    if chosen.quick:
        chosen.only = ["fixed"]
    chosen.file = chosen.file or BUILT / ("trial.json" if chosen.only or chosen.who else "bench.json")
    return chosen


def gather(chosen):
    """What was measured before, or now."""
    if chosen.render:
        if not chosen.file.exists():
            raise SystemExit("bench: no %s: nothing has been measured" % chosen.file)
        return Results.load(chosen.file)
    if not BINARY.exists():
        raise SystemExit("bench: no %s: `make build` makes it" % BINARY.relative_to(ROOT))
    results = Results(circumstances(chosen))
    if chosen.resume and chosen.file.exists():
        before = Results.load(chosen.file)
        if before.made != results.made:
            raise SystemExit("bench: %s is of another binary, machine or choice: it cannot be resumed" % chosen.file)
        results = before
        results.forget_failures()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended by SIGTERM"))  # by way of what cleans up
    processes.adopt()
    measure(results, chosen)
    return results


def main():
    chosen = options()
    results = gather(chosen)
    print(table.whole(results, MEASUREMENTS))
    if chosen.into:
        chosen.into.mkdir(exist_ok=True)
        readme = chosen.into / "README.md"
        readme.write_text("".join(MARKS))
        write(results, chosen.file, chosen.into.resolve(), readme)
    if results.failures:
        raise SystemExit("bench: FAILED, no page is written:\n  " + "\n  ".join(results.failures))
    if lacking(results):
        say("bench: %d turns have not been taken: no page is written" % len(lacking(results)))
    elif not chosen.into:
        write(results, chosen.file, ROOT / "docs", ROOT / "README.md")


if __name__ == "__main__":
    main()
