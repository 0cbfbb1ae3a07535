#!/usr/bin/env python3
"""Compile the program. The same sources and the same Go give the same bytes, in any folder.

    scripts/compile.py OUTPUT [GOOS/GOARCH]    default: the platform that Go compiles for

`make build`, the build hook of the wheel and `make release` all come here. Runs on Python 3.8, as pip does there.
"""

import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "scaler_worker_manager"
PACKAGE = "./cmd/" + NAME
# Without it, tcell lists every terminal there has been each time that the program starts.
TAGS = "tcell_minimal"
VARIABLE = "github.com/scaler-native/scaler-native/go/internal/version.Version"


def version():
    return (ROOT / "VERSION").read_text().strip()


def environment(platform=None):
    """The environment for Go: what would change the bytes is set here, not by the caller's habits."""
    # In the workspace, the binary would record its modules in another way than without go.work, as in an sdist.
    fixed = {"CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": "", "GOAMD64": "v1", "GOARM64": "v8.0"}
    if platform:
        fixed["GOOS"], fixed["GOARCH"] = platform.split("/")
    return dict(os.environ, **fixed)


def go(*arguments, platform=None):
    """Run Go in the main module and return what it prints."""
    try:
        done = subprocess.run(
            ["go", *arguments],
            cwd=ROOT / "go",
            env=environment(platform),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError:
        raise SystemExit(
            "scaler-native: cannot build the binary: there is no Go toolchain (go) on PATH; see https://go.dev/dl"
        ) from None
    except subprocess.CalledProcessError as error:
        raise SystemExit("scaler-native: cannot build the binary: %s" % error) from error
    return done.stdout.strip()


def target():
    """The platform that Go compiles for: this machine's, or that of GOOS and GOARCH."""
    return "/".join(go("env", "GOOS", "GOARCH").split())


def build(output, platform=None):
    # The state of a version control would make the bytes depend on it.
    flags = ["-tags", TAGS, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X %s=%s" % (VARIABLE, version())]
    arguments = ["build", *flags, "-o", os.path.abspath(output), PACKAGE]
    # Standard output belongs to the one who builds a wheel.
    print("go", *map(shlex.quote, arguments), platform or "", file=sys.stderr)
    go(*arguments, platform=platform)


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        raise SystemExit(__doc__)
    build(*sys.argv[1:])
