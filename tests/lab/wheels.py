"""Conda packages made of wheels: pip and what it needs, time zones, certificates.

The index is the real one, found the way uv finds it; every wheel is pinned by its digest.
"""

from __future__ import annotations

import configparser
import csv
import os
import shutil
import sys
from pathlib import Path

from uv import find_uv_bin

from tests.lab.commands import run
from tests.lab.conda_package import CondaPackage

PINS = {
    "certifi==2026.10.18": "73191c47aaa79da394e8fee2dbc2ec827432cab56311122c9e47abf79e390f62",
    "packaging==26.3": "d7193f7c8e4e93f444fde0262bf90af30e16fa0ad0ad44cb553c87339b23cd1c",
    "pip==26.3": "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13",
    "setuptools==84.2.1": "ca140b45d5325a9478f880e351484f62fef15f336462e449ca0c03c873d589c2",
    "tzdata==2026.6": "0a10eec6e13ef16b627fabed9a5f2ba61a62b1c67f327305f4e7e412a70b4aec",
    "wheel==0.48.0": "3217dcc807155e45db462d7ef2431f5ddda0d7273b700d05a67b271ceb1287ab",
}
PYTHON = "python >=3.12,<3.13.0a0"
DEPENDS = {
    "packaging": (PYTHON,),
    "pip": (PYTHON, "setuptools", "wheel"),
    "setuptools": (PYTHON,),
    "wheel": ("packaging", PYTHON),
}
# Written by whoever installs, and about that installation alone.
OF_AN_INSTALLATION = {"INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}


def packages(scratch: Path) -> list[CondaPackage]:
    """Fetch the pinned wheels and lay each out as the package conda-forge makes of it."""
    made: list[CondaPackage] = []
    for pin, sha256 in PINS.items():
        name, version = pin.split("==")
        unpacked = _unpacked(pin, sha256, scratch / f"wheel-{name}")
        tree = scratch / f"noarch-{name}"
        if name == "certifi":
            made.append(_certificates(unpacked, tree, version))
        elif name == "tzdata":
            made.append(_time_zones(unpacked, tree, version))
        else:
            made.append(_python_package(name, version, unpacked, tree))
    return made


def _unpacked(pin: str, sha256: str, target: Path) -> Path:
    lock = target.with_suffix(".txt")
    lock.write_text(f"{pin} --hash=sha256:{sha256}\n")
    options = ["--require-hashes", "--no-deps", "--no-build", "--link-mode=copy", "--no-config"]
    # A TLS proxy's certificate is in the system's store, which uv reads only when told to.
    environment = {"UV_SYSTEM_CERTS": "1", "UV_PYTHON_DOWNLOADS": "never", **os.environ}
    words = ["pip", "install", "--python", sys.executable, "--target", str(target)]
    run([find_uv_bin(), *words, *options, "-r", str(lock)], env=environment)
    return target


def _python_package(name: str, version: str, unpacked: Path, tree: Path) -> CondaPackage:
    site = tree / "site-packages"
    shutil.copytree(unpacked, site, ignore=shutil.ignore_patterns("bin", "__pycache__", ".lock"))
    (info,) = site.glob("*.dist-info")
    for leftover in OF_AN_INSTALLATION:
        (info / leftover).unlink(missing_ok=True)
    _shorten_record(site, info / "RECORD")
    return CondaPackage(
        name=name,
        version=version,
        tree=tree,
        depends=DEPENDS[name],
        subdir="noarch",
        noarch="python",
        build="pyhlab_0",
        entry_points=_commands(info / "entry_points.txt"),
    )


def _shorten_record(site: Path, record: Path) -> None:
    """Leave in RECORD only what is in the package; an installer of wheels needs it to uninstall."""
    with record.open(newline="") as handle:
        rows = [row for row in csv.reader(handle) if (site / row[0]).is_file()]
    with record.open("w", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(sorted(rows))


def _commands(entry_points: Path) -> tuple[str, ...]:
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.read(entry_points)
    if not parser.has_section("console_scripts"):
        return ()
    return tuple(f"{name} = {target}" for name, target in parser["console_scripts"].items())


def _certificates(unpacked: Path, tree: Path, version: str) -> CondaPackage:
    (tree / "ssl").mkdir(parents=True)
    shutil.copyfile(unpacked / "certifi" / "cacert.pem", tree / "ssl" / "cacert.pem")
    (tree / "ssl" / "cert.pem").symlink_to("cacert.pem")
    return CondaPackage("ca-certificates", version, tree, subdir="noarch", noarch="generic")


def _time_zones(unpacked: Path, tree: Path, version: str) -> CondaPackage:
    zones = unpacked / "tzdata" / "zoneinfo"
    python_only = shutil.ignore_patterns("*.py", "__pycache__")
    shutil.copytree(zones, tree / "share" / "zoneinfo", ignore=python_only)
    year, issue = version.split(".")
    release = year + "abcdefghijklmnopqrstuvwxyz"[int(issue) - 1]
    return CondaPackage("tzdata", release, tree, subdir="noarch", noarch="generic")
