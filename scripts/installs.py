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


def make(python, venv):
    run(python, "-m", "venv", venv)
    run(venv / "bin" / "python", "-m", "pip", "install", "--quiet", "opengris-scaler")
    return venv / "bin"


def by_pip(*arguments):
    def install(python, folder):
        bin = make(python, folder / "venv")
        run(bin / "python", "-m", "pip", "install", "--quiet", *arguments)
        return bin

    return install


def by_uv(python, folder, wheel):
    run(TOOLS / "uv", "venv", "--quiet", "--python", python, folder / "venv")
    run(TOOLS / "uv", "pip", "install", "--quiet", "--python", folder / "venv" / "bin" / "python", "%s[scaler]" % wheel)
    return folder / "venv" / "bin"


def by_pipx(python, folder, wheel):
    places = {
        "PIPX_HOME": str(folder / "home"),
        "PIPX_BIN_DIR": str(folder / "bin"),
        "PIPX_MAN_DIR": str(folder / "man"),
    }
    run(TOOLS / "pipx", "install", "--python", python, "%s[scaler]" % wheel, **places)
    return folder / "bin"


def ways(wheel, sdist, sources):
    return {
        "wheel": by_pip(wheel),
        "sdist": by_pip(sdist),
        "editable": by_pip("--editable", sources),
        "uv": lambda python, folder: by_uv(python, folder, wheel),
        "pipx": lambda python, folder: by_pipx(python, folder, wheel),
    }


def check(bin, folder):
    """Both commands are ours, and the manager finds the Scaler of its own environment. Returns its release."""
    said = run(bin / program.NAME, "--version")
    if "scaler-native %s" % program.version() not in said or str(folder) not in said or "Scaler " not in said:
        raise RuntimeError("scaler_worker_manager --version says:\n%s" % said)
    run(bin / program.NAME, "baremetal_native", "tcp://127.0.0.1:1", "--dry-run")
    if "scaler-native %s" % program.version() not in run(bin / "scaler-native", "version"):
        raise RuntimeError("scaler-native is another program")
    return said.rsplit("Scaler ", 1)[1].strip()


def attempt(install, python):
    with tempfile.TemporaryDirectory(prefix="scaler-native-") as temporary:
        folder = pathlib.Path(temporary).resolve()
        try:
            return check(install(python, folder), folder), None
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
            for install in table.values() if python else ():
                cell, error = attempt(install, python)
                errors += [error] if error else []
                print("%-10s" % cell, end="", flush=True)
            print(flush=True)
    print("".join("\n%s\n" % error for error in errors), end="")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
