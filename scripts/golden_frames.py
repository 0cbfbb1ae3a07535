#!/usr/bin/env python3
"""Record the frames that an installed release of Scaler makes of known values.

    .venvs/2.9.0/bin/python scripts/golden_frames.py schema/golden/2.9.0
    .venvs/2.9.0/bin/python scripts/golden_frames.py --check schema/golden/2.9.0

Run it with the Python of the release. Scaler's own classes and its own serialize() make the frames. The folder gets a
file <name>.bin for each of them, and two lists. frames.json has the frames of a worker manager, with the release, its
union tags, the values of each frame, what the release lacks, and how many workers it takes to be desired. agent.json
has those of a worker's agent. golden/values.py says how values are written. --check writes nothing: it exits with
status 1 if the folder is not what the release makes.
"""

import argparse
import pathlib
import sys
import tempfile

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent / "python"))

from golden import agent, manager, published


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def make():
    """The files that the installed release makes: their contents by name."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for part in (manager, agent, published):
            part.make(folder)
        return contents(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only; exit status 1 if a file differs")
    parser.add_argument("folder", type=pathlib.Path, metavar="FOLDER", help="schema/golden/<release>")
    options = parser.parse_args()
    fresh, present = make(), contents(options.folder)
    if options.check:
        differing = sorted(name for name in {*fresh, *present} if fresh.get(name) != present.get(name))
        for name in differing:
            print(f"{options.folder / name}: differs from what the release makes")
        return 1 if differing else 0
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in present.keys() - fresh.keys():
        (options.folder / name).unlink()
    for name, content in fresh.items():
        (options.folder / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
