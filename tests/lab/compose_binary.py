"""A real Docker Compose v2 binary, laid out like the release downloads of its project."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.lab.commands import run
from tests.lab.debian import fetch_first

SUITES = ("sid", "trixie")  # the newer one first; bookworm has only the old Python one
BINARY = Path("usr/libexec/docker/cli-plugins/docker-compose")
RELEASES = "github.com/docker/compose/releases/download"


@dataclass(frozen=True)
class ComposeBinary:
    """What the course file has to say about the binary."""

    version: str
    sha256: str


def build(target: Path) -> None:
    """Put the binary below `target` where the release URL of its own version points."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="tmp-compose-") as scratch:
        unpacked = Path(scratch) / "unpacked"
        suite, _ = fetch_first("docker-compose", SUITES, Path(scratch), unpacked)
        binary = unpacked / BINARY
        version = own_version(binary)
        served = target / RELEASES / f"v{version}" / "docker-compose-linux-x86_64"
        served.parent.mkdir(parents=True)
        shutil.move(binary, served)
    sha256 = hashlib.sha256(served.read_bytes()).hexdigest()
    info = {"version": version, "sha256": sha256, "suite": suite}
    (target / "compose.json").write_text(json.dumps(info, indent=2) + "\n")


def own_version(binary: Path) -> str:
    """Ask the binary for its version, as a number without a leading v."""
    return run([binary, "version", "--short"]).decode().strip().removeprefix("v")


def load(folder: Path) -> ComposeBinary:
    """Read what `build` noted."""
    info = json.loads((folder / "compose.json").read_text())
    return ComposeBinary(version=info["version"], sha256=info["sha256"])
