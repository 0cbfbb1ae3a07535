#!/usr/bin/env python3
"""Write NOTICE: what is linked into the binary, and the licences of that, from the Go module cache.

    scripts/notices.py            write it
    scripts/notices.py --check    compare with what is there, and pyproject.toml's licence; exit status 1 if they differ

Needs no network once the binary was built.
"""

import argparse
import difflib
import json
import pathlib
import re
import sys

import compile as program

ROOT = program.ROOT
NOTICE = ROOT / "NOTICE"
OURS = "github.com/scaler-native/"
PLATFORMS = ("linux/amd64", "linux/arm64")
NAMES = re.compile(r"(LICEN[CS]E|COPYING|NOTICE)([.-].*)?", re.IGNORECASE)

# By a phrase of the text, the narrower first. A text of none of these has to be read by a person first.
LICENCES = (
    ("Apache License Version 2.0", "Apache-2.0"),
    ("Neither the name of", "BSD-3-Clause"),
    ("Permission is hereby granted, free of charge", "MIT"),
    ("Permission to use, copy, modify, and distribute this software for any purpose with or without fee", "ISC"),
)

HEAD = """\
scaler-native is licensed under the Apache License, Version 2.0: see LICENSE.

Its binary, scaler_worker_manager, has the following libraries linked in. What they ask to be passed on, their
licences and notices, follows the list. Written by scripts/notices.py.
"""


def packages():
    """The packages that are linked on any platform that a wheel is for, as `go list` has them."""
    decoder, found = json.JSONDecoder(), {}
    for platform in PLATFORMS:
        text = program.go(
            "list",
            "-deps",
            "-tags",
            program.TAGS,
            "-json=ImportPath,Dir,Module,Standard",
            program.PACKAGE,
            platform=platform,
        )
        position = 0
        while position < len(text):
            package, position = decoder.raw_decode(text, position)
            found[package["ImportPath"]] = package
            position += len(text[position:]) - len(text[position:].lstrip())
    return found.values()


def texts():
    """By the name and version of each library: its licences and notices. They stand in its folder, or nearer to a
    package that came from elsewhere."""
    found = {"Go standard library": of_folder(pathlib.Path(program.go("env", "GOROOT")))}
    for package in packages():
        module = package.get("Module")
        if package.get("Standard") or module["Path"].startswith(OURS):
            continue
        folder, root = pathlib.Path(package["Dir"]), pathlib.Path(module["Dir"])
        files = found.setdefault("%s %s" % (module["Path"], module["Version"]), {})
        for parent in [folder, *folder.parents]:
            files.update({parent.relative_to(root) / name: text for name, text in of_folder(parent).items()})
            if parent == root:
                break
    return found


def of_folder(folder):
    return {
        path.name: "\n".join(line.rstrip() for line in path.read_text().strip("\n").splitlines())
        for path in sorted(folder.iterdir())
        if path.is_file() and NAMES.fullmatch(path.name)
    }


def licence(text):
    """The SPDX identifier, or None for a text that is a notice only."""
    words = " ".join(text.split())
    return next((identifier for phrase, identifier in LICENCES if phrase in words), None)


def render(found):
    lines, shared, used = [HEAD], {}, {"Apache-2.0"}
    for library, files in sorted(found.items()):
        identifiers = sorted({identifier for identifier in map(licence, files.values()) if identifier})
        unknown = [str(name) for name, text in files.items() if not licence(text) and not str(name).endswith("NOTICE")]
        if unknown or not identifiers:
            raise SystemExit("notices.py: %s: no licence that is known here in %s" % (library, unknown or list(files)))
        used.update(identifiers)
        lines.append("  %s: %s" % (library, " AND ".join(identifiers)))
        for name, text in sorted(files.items(), key=lambda item: str(item[0])):
            owners, _ = shared.setdefault(" ".join(text.split()), ([], text))
            owners.append("%s: %s" % (library, name))
    for owners, text in shared.values():
        lines += ["", "-" * 80, *owners, "-" * 80, "", text]
    return "\n".join(lines) + "\n", " AND ".join(sorted(used))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only; exit status 1 if it differs")
    options = parser.parse_args()
    notice, expression = render(texts())
    wrong = 'license = "%s"' % expression not in (ROOT / "pyproject.toml").read_text().splitlines()
    if wrong:
        print('pyproject.toml: want license = "%s"' % expression)
    if not options.check:
        NOTICE.write_text(notice)
        return int(wrong)
    committed = NOTICE.read_text() if NOTICE.exists() else ""
    drift = list(difflib.unified_diff(committed.splitlines(), notice.splitlines(), "NOTICE", "generated", lineterm=""))
    print("\n".join(drift[:40]), end="\n" if drift else "")
    return int(wrong or bool(drift))


if __name__ == "__main__":
    sys.exit(main())
