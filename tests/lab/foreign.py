"""The lab's conda packages as those of another processor: no program of them can be run here."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import yaml
from conda_package_streaming.extract import extract_stream
from conda_package_streaming.package_streaming import stream_conda_component

from tests.lab.conda_channel import CHANNEL
from tests.lab.conda_lockfile import PLATFORM
from tests.lab.conda_package import PLACEHOLDER, CondaPackage

FOREIGN = "linux-aarch64"
ELF = b"\x7fELF"
MACHINE = slice(18, 20)
"""Where an ELF file says for which processor it is (elf(5), e_machine)."""

AARCH64 = (183).to_bytes(2, "little")


def add_foreign(channels: Path, lock: Path, target: Path) -> str:
    """Write every package of a lock once more, for aarch64, into a channel below target; return
    the lock with both platforms."""
    document = yaml.safe_load(lock.read_text())
    entries = document["package"]
    document["package"] = entries + [_foreign(entry, channels, target) for entry in entries]
    document["metadata"]["platforms"] = [PLATFORM, FOREIGN]
    document["metadata"]["content_hash"][FOREIGN] = "0" * 64
    return yaml.safe_dump(document, sort_keys=False)


def _foreign(entry: dict[str, Any], channels: Path, target: Path) -> dict[str, Any]:
    folder, name = entry["url"].rsplit("/", 2)[1:]
    if folder != PLATFORM:  # noarch
        return {**entry, "platform": FOREIGN}
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch)
        file = channels / CHANNEL / PLATFORM / name
        with file.open("rb") as opened:
            extract_stream(stream_conda_component(str(file), opened, "pkg"), tree)
        for file in tree.rglob("*"):
            if file.is_file() and not file.is_symlink():
                content = bytearray(file.read_bytes())
                if content.startswith(ELF):
                    content[MACHINE] = AARCH64
                    file.write_bytes(content)
        package = CondaPackage(
            entry["name"], entry["version"], tree, subdir=FOREIGN, build=entry["build"],
            prefix=PLACEHOLDER,
        )  # fmt: skip
        content = package.write(target / CHANNEL).read_bytes()
    hashes = {kind: hashlib.new(kind, content).hexdigest() for kind in ("md5", "sha256")}
    url = entry["url"].replace(f"/{PLATFORM}/", f"/{FOREIGN}/")
    return {**entry, "platform": FOREIGN, "url": url, "hash": hashes}
