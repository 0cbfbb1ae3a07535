#!/usr/bin/env python3
"""Compare this worker manager with Scaler's Python manager, Dask, Ray and plain forks.

    scripts/bench.py                          everything, in 45 minutes on two cores: what `make bench` runs
    scripts/bench.py --only fixed cancel      these measurements only
    scripts/bench.py --resume                 continue a run that ended early
    scripts/bench.py --render                 write tables and plots again from the kept results

The contestants take turns, in each measurement and run, so that a machine whose speed drifts is fair to all. The load
by other processes is recorded with each turn; a turn with too much of it is discarded and repeated. Each turn is saved
to build/bench.json at once. The script prints a table. A whole run also writes it to docs/benchmarks.md, the plots to
docs/benchmarks, and a few medians into the README. A failed turn is shown in the table, and the command then fails and
writes no documents. `make bench` first makes what this needs: the binary and the environments.
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
    """What all turns of a results file have in common."""
    found, second = pythons.second(chosen.second)
    missing = second and not found and "This machine has no Python %s." % second
    if found and not all(map(installed, settings(chosen.releases, [second]))):
        found, missing = None, "The releases of Scaler could not be installed with Python %s." % second
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
    """All turns that are possible on this machine."""
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
    """Take a turn and record its result. A failure is recorded as well, and the next turns are still taken."""
    begun = time.time()
    try:
        made = load.quietly(lambda: attempt(turn, patience), patience)
        results.add(turn, made, time.time() - begun)
        note = "others %.1f %%, %d discarded" % (made.load.others * 100, made.thrown)
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
    """The turns of the first run that have not been taken. Those of later runs may be left out for lack of time."""
    return [turn for turn in planned(results.made) if turn.run == 0 and not results.has(turn)]


def write(results, file, docs, readme):
    (docs / "benchmarks.md").write_text(table.whole(results, MEASUREMENTS))
    before, _, rest = readme.read_text().partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    readme.write_text("".join([before, MARKS[0], table.summary(results, CHOSEN), "\n", MARKS[1], after]))
    if not peers.installed():
        say("bench: no plots: there is no environment with matplotlib")
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
    add("--runs", type=int, default=3, help="runs of cheap measurements; costly ones run once (default 3)")
    add("--minutes", type=float, default=43, help="after this time only turns of the first run are taken (default 43)")
    add("--patience", type=float, default=8 * 60, help="seconds in all for waiting and repeating turns (default 480)")
    add("--releases", nargs="+", default=["1.26.6", "2.9.0"], help="releases of Scaler, the newest last")
    add("--second", default="3.13", metavar="PYTHON", help="version or path of a second Python, or none (default 3.13)")
    add("--quick", action="store_true", help="the same as --only fixed")
    add("--only", nargs="+", metavar="NAME", choices=names, help="%s; writes no documents" % ", ".join(names))
    add("--who", nargs="+", metavar="NAME", choices=[*KINDS, *peers.PEERS], help="%(choices)s; writes no documents")
    add("--file", type=pathlib.Path, help="the results (default build/bench.json; build/trial.json with --only, --who)")
    add("--resume", action="store_true", help="keep the turns in the results file, and take the others")
    add("--render", action="store_true", help="measure nothing")
    add("--into", type=pathlib.Path, metavar="FOLDER", help="write documents and plots there, of a part as well")
    chosen = parser.parse_args()
    if chosen.runs < 1:
        parser.error("--runs must be at least 1")
    if chosen.quick:
        chosen.only = ["fixed"]
    chosen.file = chosen.file or BUILT / ("trial.json" if chosen.only or chosen.who else "bench.json")
    return chosen


def gather(chosen):
    """The results, measured now or loaded from the file."""
    if chosen.render:
        if not chosen.file.exists():
            raise SystemExit("bench: cannot render: there are no results in %s" % chosen.file)
        return Results.load(chosen.file)
    if not BINARY.exists():
        raise SystemExit("bench: no %s: `make build` makes it" % BINARY.relative_to(ROOT))
    results = Results(circumstances(chosen))
    if chosen.resume and chosen.file.exists():
        before = Results.load(chosen.file)
        if before.made != results.made:
            raise SystemExit("bench: cannot resume: %s is of another binary, machine or choice" % chosen.file)
        results = before
        results.forget_failures()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended by SIGTERM"))  # so that context managers clean up
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
        raise SystemExit("bench: FAILED, no documents are written:\n  " + "\n  ".join(results.failures))
    if lacking(results):
        say("bench: %d turns have not been taken: no documents are written" % len(lacking(results)))
    elif not chosen.into:
        write(results, chosen.file, ROOT / "docs", ROOT / "README.md")


if __name__ == "__main__":
    main()
