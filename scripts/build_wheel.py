#!/usr/bin/env python3
"""Build the wheel of scaler-native. Needs the Go toolchain; the standard library does the rest.

    scripts/build_wheel.py FOLDER [GOOS/GOARCH ...]    default: this machine's

Also the build backend of pyproject.toml (PEP 517), so that `pip install .` comes here.
The same sources, version and Go toolchain give the same bytes.
"""

import base64
import hashlib
import os
import pathlib
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME, PROGRAM = "scaler_native", "scaler_worker_manager"
MODULE = "github.com/scaler-native/scaler-native/go"
VERSION = (ROOT / "VERSION").read_text().strip()
DIST_INFO = "%s-%s.dist-info" % (NAME, VERSION)

# The binary is static: what it asks of a system is the kernel (3.2 for Go 1.24), older than any that these tags name.
TAGS = {
    "linux/amd64": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "linux/arm64": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "darwin/amd64": "macosx_12_0_x86_64",
    "darwin/arm64": "macosx_12_0_arm64",
}

METADATA = (
    """\
Metadata-Version: 2.1
Name: scaler-native
Version: %s
Summary: A native worker manager for OpenGRIS Scaler, in the place of the Python one
License: Apache-2.0
Requires-Python: >=3.8
Classifier: License :: OSI Approved :: Apache Software License
Classifier: Operating System :: POSIX :: Linux
Classifier: Operating System :: MacOS
Classifier: Programming Language :: Python :: 3
"""
    % VERSION
)


def go(*arguments, **environment):
    try:
        command = ["go"] + list(arguments)
        return subprocess.run(
            command, cwd=ROOT, env=dict(os.environ, **environment), check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()
    except FileNotFoundError:
        raise SystemExit(
            "scaler-native: cannot build the binary: there is no Go toolchain (go) on PATH; see https://go.dev/dl"
        )


def compile_binary(platform):
    """The program for a platform, as bytes."""
    system, machine = platform.split("/")
    output = ROOT / "build" / platform / PROGRAM
    # Without the state of a version control, which would make the bytes depend on it.
    go(
        "build", "-tags", "tcell_minimal", "-trimpath", "-buildvcs=false", "-o", str(output),
        "-ldflags", "-s -w -X %s/internal/version.Version=%s" % (MODULE, VERSION), MODULE + "/cmd/" + PROGRAM,
        CGO_ENABLED="0", GOOS=system, GOARCH=machine, GOFLAGS="",
    )  # fmt: skip
    return output.read_bytes()


def metadata_files(tag):
    wheel = "Wheel-Version: 1.0\nGenerator: scaler-native\nRoot-Is-Purelib: false\n"
    wheel += "".join("Tag: py3-none-%s\n" % part for part in tag.split("."))
    return {
        DIST_INFO + "/METADATA": METADATA.encode(),
        DIST_INFO + "/WHEEL": wheel.encode(),
        # No script of our own with the binary in it: that would be a third copy.
        DIST_INFO + "/entry_points.txt": b"[console_scripts]\nscaler-native = scaler_native.steer:main\n",
        DIST_INFO + "/licenses/LICENSE": (ROOT / "LICENSE").read_bytes(),
    }


def wheel_files(platform):
    """The contents by path, but for RECORD."""
    package = ROOT / "python" / NAME
    files = {str(path.relative_to(package.parent)): path.read_bytes() for path in package.glob("*.py")}
    files[NAME + ".pth"] = package.with_suffix(".pth").read_bytes()
    # Twice: pip puts the script of the distribution that is installed last into the environment's bin, and
    # Scaler has one of the same name. The package's own copy stays.
    binary = compile_binary(platform)
    files["%s/bin/%s" % (NAME, PROGRAM)] = binary
    files["%s-%s.data/scripts/%s" % (NAME, VERSION, PROGRAM)] = binary
    files.update(metadata_files(TAGS[platform]))
    return files


def record(files):
    lines = []
    for path, content in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append("%s,sha256=%s,%d\n" % (path, digest, len(content)))
    return "".join(lines + ["%s/RECORD,,\n" % DIST_INFO]).encode()


def make(folder, platform):
    """Write the wheel of a platform into a folder. Returns its name."""
    if platform not in TAGS:
        raise SystemExit("scaler-native: no wheel for %s, only for %s" % (platform, ", ".join(TAGS)))
    files = wheel_files(platform)
    listed = record(files)
    name = "%s-%s-py3-none-%s.whl" % (NAME, VERSION, TAGS[platform])
    os.makedirs(folder, exist_ok=True)
    with zipfile.ZipFile(os.path.join(folder, name), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # The metadata last, as PEP 427 wants it.
        for path, content in sorted(files.items(), key=lambda item: (item[0].startswith(DIST_INFO), item[0])):
            add(archive, path, content)
        add(archive, DIST_INFO + "/RECORD", listed)
    return name


def add(archive, path, content):
    entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, on which pip looks at the mode
    entry.external_attr = (0o100755 if path.endswith("/" + PROGRAM) else 0o100644) << 16
    archive.writestr(entry, content)


def host_platform():
    return go("env", "GOHOSTOS") + "/" + go("env", "GOHOSTARCH")


# The hooks of PEP 517.


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return make(wheel_directory, host_platform())


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    for path, content in metadata_files(TAGS[host_platform()]).items():
        target = pathlib.Path(metadata_directory, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return DIST_INFO


def main(arguments):
    if not arguments or arguments[0].startswith("-"):
        raise SystemExit(__doc__)
    for platform in arguments[1:] or [host_platform()]:
        name = make(arguments[0], platform)
        size = os.path.getsize(os.path.join(arguments[0], name))
        print("%s (%.1f MB)" % (os.path.join(arguments[0], name), size / 1e6))


if __name__ == "__main__":
    main(sys.argv[1:])
