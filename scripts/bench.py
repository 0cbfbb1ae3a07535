#!/usr/bin/env python3
"""Compare this worker manager with Scaler's Python one, Dask, Ray and raw forks, side by side.

    scripts/bench.py [--runs 3] [--releases 1.26.6 2.9.0] [--quick] [--only NAME ...]

The contestants take turns, measurement after measurement and run after run, so that a machine whose speed
drifts is fair to all. Prints a table; a whole run also writes it to docs/benchmarks.md, its plot to
docs/benchmarks.svg and the medians into the README. What fails is in the table, and fails the command, which
then writes nothing. Needs what `make bench` makes first: the binary and the environments.
"""

import argparse
import os
import platform
import signal
import sys
import time

from benchmarks import peers, plot, processes, table
from benchmarks.catalogue import MEASUREMENTS
from benchmarks.contest import Contest
from benchmarks.fixed import WORKERS
from benchmarks.manager import NATIVE, PYTHON
from benchmarks.results import Results
from cluster import BINARY, ROOT

PEERS_PYTHON = ROOT / ".venvs" / "bench" / "bin" / "python"
MARKS = "<!-- benchmarks: written by scripts/bench.py -->\n", "<!-- end of benchmarks -->\n"


def say(text):
    print(text, file=sys.stderr, flush=True)


def attempt(what, function, succeed, fail):
    """Whatever goes wrong in one measurement, the others are still made."""
    begun = time.time()
    try:
        succeed(function())
        say("  %s: %.0f s" % (what, time.time() - begun))
    except Exception as error:
        say("  %s FAILED: %s" % (what, error))
        fail(error)
    finally:
        processes.sweep()


def compare(results, run, measurement):
    for release in results.releases:
        # Who comes second finds the machine warm: they take turns in that too.
        for kind in (NATIVE, PYTHON) if run % 2 == 0 else (PYTHON, NATIVE):
            if run == 0 or kind in measurement.again:
                attempt(
                    "%s, Scaler %s, %s" % (measurement.name, release, kind),
                    lambda: measurement(Contest(release, kind)),
                    lambda values: results.add(release, kind, values),
                    lambda error: results.fail(release, kind, measurement, error),
                )


def compare_peer(results, name):
    installed = (PEERS_PYTHON.parent.parent / "made-from").exists()
    if name != "fork" and not installed:
        results.absent[name] = "did not install"
        return
    attempt(
        name,
        lambda: peers.measure(PEERS_PYTHON if installed else sys.executable, name, WORKERS),
        lambda values: results.add_peer(name, *values),
        lambda error: results.fail_peer(name, error),
    )


def write(results, circumstances, command):
    (ROOT / "docs" / "benchmarks.md").write_text(table.whole(results, MEASUREMENTS, circumstances))
    (ROOT / "docs" / "benchmarks.svg").write_text(plot.svg(results))
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text().partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    readme.write_text("".join([before, MARKS[0], table.summary(results, MEASUREMENTS, command), "\n", MARKS[1], after]))


def options():
    names = [measurement.name for measurement in MEASUREMENTS] + list(peers.PEERS)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--releases", nargs="+", default=["1.26.6", "2.9.0"])
    parser.add_argument("--quick", action="store_true", help="the same as --only fixed")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help="%s; nothing is written" % ", ".join(names))
    chosen = parser.parse_args()
    if chosen.runs < 1:
        parser.error("--runs must be at least 1")
    if chosen.quick:
        chosen.only = ["fixed"]
    return chosen


def main():
    chosen = options()
    if not BINARY.exists():
        raise SystemExit("bench: no %s: `make build` makes it" % BINARY.relative_to(ROOT))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended by SIGTERM"))  # by way of what cleans up
    processes.adopt()
    wanted = lambda name: not chosen.only or name in chosen.only
    measurements = [measurement for measurement in MEASUREMENTS if wanted(measurement.name)]
    results, begun = Results(chosen.releases), time.time()
    for run in range(chosen.runs):
        results.runs += 1
        say("run %d of %d" % (run + 1, chosen.runs))
        for measurement in measurements:
            compare(results, run, measurement)
        for name in filter(wanted, peers.PEERS):
            compare_peer(results, name)
    took = (time.time() - begun) / 60
    runs = "1 run" if chosen.runs == 1 else "%d runs" % chosen.runs
    circumstances = "%s in %.0f minutes, %s, %d CPUs" % (runs, took, platform.machine(), os.cpu_count())
    print(table.whole(results, measurements, circumstances))
    if results.failures:
        raise SystemExit("bench: FAILED, nothing is written:\n  " + "\n  ".join(results.failures))
    if not chosen.only:
        write(results, circumstances, "make bench")


if __name__ == "__main__":
    main()
