"""A snapshot of a channel's repodata, made of facts about conda-forge that are kept here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FACTS = json.loads(Path(__file__).with_name("conda-forge.json").read_text())
SUBDIRS = ("linux-64", "linux-aarch64", "noarch")
IN_REPODATA = (
    "name", "version", "build", "sha256", "md5", "size", "depends", "constrains", "license",
    "subdir", "timestamp",
)  # fmt: skip


def write_snapshot(folder: Path, packages: list[dict[str, Any]] | None = None) -> Path:
    """Write SUBDIR/repodata.json for each subdir and return the folder."""
    chosen = FACTS["packages"] if packages is None else packages
    for subdir in SUBDIRS:
        records = {
            fact["filename"]: {
                **{key: fact[key] for key in IN_REPODATA if fact.get(key) is not None},
                "build_number": fact["build_number"] or 0,
            }
            for fact in chosen
            if fact["subdir"] == subdir
        }
        (folder / subdir).mkdir(parents=True, exist_ok=True)
        repodata = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": records}
        (folder / subdir / "repodata.json").write_text(json.dumps(repodata))
    return folder


def fact(name: str, subdir: str = "linux-64") -> dict[str, Any]:
    """A copy of what is known of one package."""
    (found,) = [f for f in FACTS["packages"] if f["name"] == name and f["subdir"] == subdir]
    return dict(found)
