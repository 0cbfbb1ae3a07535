#!/usr/bin/env python3
"""Build what a release consists of, into dist/. Publishes nothing.

    scripts/release.py             sdist, wheels, archives, bills of materials (CycloneDX), SHA256SUMS
    scripts/release.py --wheels    sdist and wheels only

Wheels are built from the sdist, which shows that it is complete. The same sources, Go and tools of .venvs/packaging
give the same bytes in any folder; SOURCE_DATE_EPOCH sets the date of all files in them.
"""

import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

import compile as program

ROOT, DIST = program.ROOT, program.ROOT / "dist"
TOOLS = ROOT / ".venvs" / "packaging" / "bin"
PLATFORMS = ("linux/amd64", "linux/arm64")
# Hatchling's date where the variable is not set.
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH") or 1580601600)
RELEASE = "scaler-native-" + program.version()
STEERING = "scaler-native"
# Reads the modules from the binary itself, where a script over go.mod would list what is not linked; its output is
# valid by the schema without our doing.
BILL = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"
SHELLS = {"bash": "%s", "zsh": "_%s", "fish": "%s.fish"}


def package(kind, source, platform=None):
    """Have hatchling build an sdist or a wheel into dist/."""
    command = [str(TOOLS / "python"), "-m", "build", "--no-isolation", "--" + kind, "--outdir", str(DIST), str(source)]
    subprocess.run(command, check=True, env=program.environment(platform), stdout=subprocess.DEVNULL)


def wheels(folder):
    """Build and check sdist and wheels. Returns the folder into which the sdist was unpacked for that."""
    package("sdist", ROOT)
    (sdist,) = DIST.glob("*.tar.gz")
    sources = unpack(sdist, folder)
    for platform in PLATFORMS:
        package("wheel", sources, platform)
    subprocess.run([str(TOOLS / "twine"), "check", "--strict", *map(str, sorted(DIST.iterdir()))], check=True)
    return sources


def unpack(sdist, folder):
    with tarfile.open(sdist) as archive:
        archive.extractall(folder)
    return folder / sdist.name[: -len(".tar.gz")]


def is_for(wheel, platform):
    machines = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}
    return wheel.name.endswith(machines[platform] + ".whl")


def completions(folder):
    """By the name of the file: the completion scripts of both programs, as this machine's binary writes them."""
    binary = folder / program.NAME
    program.build(binary)
    (folder / STEERING).symlink_to(binary)
    found = {}
    for name in (program.NAME, STEERING):
        for shell, file in SHELLS.items():
            done = subprocess.run([folder / name, "completion", shell], check=True, stdout=subprocess.PIPE)
            found["completions/%s/%s" % (shell, file % name)] = done.stdout
    return found


def pack(platform, binary, files):
    """Write the archive of a platform: the binary and what belongs beside it."""
    with io.BytesIO() as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for name, content in sorted({**files, "bin/" + program.NAME: binary.read_bytes()}.items()):
                entry = member(name, 0o755 if name.startswith("bin/") else 0o644)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            link = member("bin/" + STEERING, 0o777)
            link.type, link.linkname = tarfile.SYMTYPE, program.NAME
            archive.addfile(link)
        packed = gzip.compress(stream.getvalue(), mtime=EPOCH)
    (DIST / ("%s-%s.tar.gz" % (RELEASE, platform.replace("/", "-")))).write_bytes(packed)


def member(name, mode):
    entry = tarfile.TarInfo("%s/%s" % (RELEASE, name))
    entry.mode, entry.mtime = mode, EPOCH
    return entry


def bill_of_materials(platform, binary):
    output = DIST / ("%s-%s.cdx.json" % (RELEASE, platform.replace("/", "-")))
    options = ["-json", "-std", "-noserial", "-notimestamp", "-version", program.version(), "-output", str(output)]
    program.go("run", "-trimpath", "-buildvcs=false", BILL, "bin", *options, str(binary))
    output.write_text(json.dumps(honest(json.loads(output.read_text())), indent=2) + "\n")


def honest(bill):
    """Without what has no address: the module of python/, which is a part of the program that go.mod replaces by its
    folder, and a page that would go by the name of the main module."""
    bill["components"] = [component for component in bill["components"] if component["name"] != "../python"]
    known = {component["bom-ref"] for component in [bill["metadata"]["component"], *bill["components"]]}
    bill["dependencies"] = [entry for entry in bill["dependencies"] if entry["ref"] in known]
    for entry in bill["dependencies"]:
        entry["dependsOn"] = [name for name in entry.get("dependsOn", ()) if name in known]
    for composition in bill["compositions"]:
        composition.update(
            {key: [name for name in names if name in known] for key, names in composition.items() if key != "aggregate"}
        )
    del bill["metadata"]["component"]["externalReferences"]
    return bill


def archives(folder):
    files = completions(folder)
    files.update({name: (ROOT / name).read_bytes() for name in ("LICENSE", "NOTICE", "README.md")})
    files["scaler-native.service"] = (ROOT / "examples" / "scaler-native.service").read_bytes()
    for platform in PLATFORMS:
        binary = folder / platform / program.NAME
        binary.parent.mkdir(parents=True)
        program.build(binary, platform)
        pack(platform, binary, files)
        bill_of_materials(platform, binary)


def sums():
    lines = ["%s  %s\n" % (hashlib.sha256(path.read_bytes()).hexdigest(), path.name) for path in sorted(DIST.iterdir())]
    (DIST / "SHA256SUMS").write_text("".join(lines))


def main(arguments):
    if arguments not in ([], ["--wheels"]):
        raise SystemExit(__doc__)
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        wheels(pathlib.Path(folder))
        if not arguments:
            archives(pathlib.Path(folder))
    if not arguments:
        sums()
    for path in sorted(DIST.iterdir()):
        print("%s (%.1f MB)" % (path.relative_to(ROOT), path.stat().st_size / 1e6))


if __name__ == "__main__":
    main(sys.argv[1:])
