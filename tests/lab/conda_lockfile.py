"""A lock in conda-lock's own format (version 1), solved from a channel in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from rattler import RepoDataRecord

PLATFORM: Final = "linux-64"
GLIBC = "2.28"  # the oldest that course.yml accepts


async def lock_text(channel: Path, upstream: str, wanted: Sequence[str]) -> str:
    """Solve for `wanted` in the channel and return the lock, with the upstream's addresses."""
    # rattler is only needed where something is built, see conda_channel.
    from rattler import BuildString, Channel, GenericVirtualPackage, PackageName, Version, solve

    virtual = [
        GenericVirtualPackage(PackageName(name), Version(version), BuildString("0"))
        for name, version in (("__glibc", GLIBC), ("__linux", "5.0"), ("__unix", "0"))
    ]
    records = await solve(
        [Channel(channel.resolve().as_uri())],
        list(wanted),
        platforms=[PLATFORM, "noarch"],
        virtual_packages=virtual,
    )
    entries = [_entry(record, upstream) for record in records]
    lock = {
        "version": 1,
        "metadata": {
            "content_hash": {PLATFORM: hashlib.sha256("\n".join(wanted).encode()).hexdigest()},
            "channels": [{"url": "conda-forge", "used_env_vars": []}],
            "platforms": [PLATFORM],
            "sources": ["environment.yml"],
        },
        "package": sorted(entries, key=lambda entry: str(entry["name"])),
    }
    return yaml.safe_dump(lock, sort_keys=False)


def _entry(record: RepoDataRecord, upstream: str) -> dict[str, Any]:
    depends = [spec.partition(" ") for spec in record.depends]
    assert record.md5 is not None
    assert record.sha256 is not None
    return {
        "name": record.name.normalized,
        "version": str(record.version),
        "manager": "conda",
        "platform": PLATFORM,
        "dependencies": {name: rest for name, _, rest in depends},
        "url": f"{upstream}/{record.subdir}/{record.file_name}",
        "hash": {"md5": record.md5.hex(), "sha256": record.sha256.hex()},
        "build": str(record.build),
        "category": "main",
        "optional": False,
    }
