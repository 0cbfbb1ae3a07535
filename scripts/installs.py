#!/usr/bin/env python3
"""Install in every way on every Python that this machine has, and see that both commands run.

    scripts/installs.py [VERSION ...]    default: 3.8 to 3.13

A way is a wheel, an sdist or an editable installation by pip, or a wheel by uv or pipx, each into an environment of its
own with Scaler from the registry. Prints a table; exit status 1 if one fails.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import compile as program
import pythons
import release

VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
TOOLS = release.TOOLS
# Its sdist needs a C++ library. There is no wheel for some Pythons, as 3.9: ours installs there all the same.
SCALER = "opengris-scaler"


def run(*command, **variables):
    """Run a program and return what it printed; the error has all of it."""
    # Not those of the caller, which the programs look at.
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "SCALER_PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        env={**environment, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError("%s: exit status %d\n%s" % (" ".join(map(str, command)), done.returncode, done.stdout))
    return done.stdout


def has_scaler(python):
    with tempfile.NamedTemporaryFile("w", suffix=".in") as wanted:
        wanted.write(SCALER)
        wanted.flush()
        try:
            run(TOOLS / "uv", "pip", "compile", "--python", python, "--only-binary", SCALER, wanted.name)
        except RuntimeError:
            return False
    return True


def make(python, venv, scaler):
    run(python, "-m", "venv", venv)
    if scaler:
        run(venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--only-binary", SCALER, SCALER)
    return venv / "bin"


def by_pip(*arguments):
    def install(python, folder, scaler):
        bin = make(python, folder / "venv", scaler)
        run(bin / "python", "-m", "pip", "install", "--quiet", *arguments)
        return bin

    return install


def by_uv(python, folder, wheel):
    run(TOOLS / "uv", "venv", "--quiet", "--python", python, folder / "venv")
    run(TOOLS / "uv", "pip", "install", "--quiet", "--python", folder / "venv" / "bin" / "python", wheel)
    return folder / "venv" / "bin"


def by_pipx(python, folder, wheel):
    places = {
        "PIPX_HOME": str(folder / "home"),
        "PIPX_BIN_DIR": str(folder / "bin"),
        "PIPX_MAN_DIR": str(folder / "man"),
    }
    run(TOOLS / "pipx", "install", "--python", python, wheel, **places)
    return folder / "bin"


def with_extra(wheel, scaler):
    return "%s[scaler]" % wheel if scaler else wheel


def ways(wheel, sdist, sources):
    return {
        "wheel": by_pip(wheel),
        "sdist": by_pip(sdist),
        "editable": by_pip("--editable", sources),
        "uv": lambda python, folder, scaler: by_uv(python, folder, with_extra(wheel, scaler)),
        "pipx": lambda python, folder, scaler: by_pipx(python, folder, with_extra(wheel, scaler)),
    }


def check(bin, folder, scaler):
    """Both commands are ours, and the manager finds the Scaler of its own environment. Returns its release, or none."""
    said = run(bin / program.NAME, "--version")
    if "scaler-native %s" % program.version() not in said or str(folder) not in said or ("no Scaler" in said) == scaler:
        raise RuntimeError("scaler_worker_manager --version says:\n%s" % said)
    run(bin / program.NAME, "baremetal_native", "tcp://127.0.0.1:1", "--dry-run")
    if "scaler-native %s" % program.version() not in run(bin / "scaler-native", "version"):
        raise RuntimeError("scaler-native is another program")
    return said.rsplit("Scaler ", 1)[1].strip() if scaler else "none"


def attempt(install, python, scaler):
    with tempfile.TemporaryDirectory(prefix="scaler-native-") as temporary:
        folder = pathlib.Path(temporary).resolve()
        try:
            return check(install(python, folder, scaler), folder, scaler), None
        except RuntimeError as error:
            return "failed", error


def main(arguments):
    errors = []
    with tempfile.TemporaryDirectory() as folder:
        # Not into dist/, where a release may stand.
        release.DIST = pathlib.Path(folder, "dist")
        release.DIST.mkdir()
        sources = release.wheels(pathlib.Path(folder))
        machine = program.target()
        wheel = next(path for path in release.DIST.glob("*.whl") if release.is_for(path, machine))
        sdist = next(release.DIST.glob("*.tar.gz"))
        table = ways(wheel, sdist, sources)
        print("The release of Scaler that the installed manager finds:\n")
        print("%-8s" % "Python" + "".join("%-10s" % way for way in table), flush=True)
        for version in arguments or VERSIONS:
            python = pythons.find(version)
            print("%-8s" % version, end="" if python else "not on this machine\n", flush=True)
            scaler = python and has_scaler(python)
            for install in table.values() if python else ():
                cell, error = attempt(install, python, scaler)
                errors += [error] if error else []
                print("%-10s" % cell, end="", flush=True)
            print(flush=True)
    print("".join("\n%s\n" % error for error in errors), end="")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
