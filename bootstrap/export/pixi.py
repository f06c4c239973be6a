"""A pixi.toml: conda packages by address and sha256, wheels by exact version.

A manifest of pixi has no place for the hash of a wheel that an index serves: pixi writes those that
it finds into its own pixi.lock.
"""

from __future__ import annotations

import tomlkit
from tomlkit.items import Table

from bootstrap.export.subject import Subject

_WHEELS = (
    "Wheels are held by version here, for a manifest has no place for their hashes: pixi writes",
    "the hashes that it finds into pixi.lock. `export requirements` holds them.",
)


def render(subject: Subject) -> str:
    """The manifest of a workspace with the course's environment."""
    document = tomlkit.document()
    for line in subject.header("pixi"):
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    document.add("workspace", _workspace(subject))
    conda = tomlkit.table()
    for pin in subject.conda:
        place = tomlkit.inline_table()
        place.update({"url": pin.public_url, "sha256": pin.sha256})
        conda.add(pin.name, place)
    document.add("dependencies", conda)
    # Nothing is compiled on a student's machine.
    document.add("pypi-options", tomlkit.item({"no-build": True}))
    wheels = tomlkit.table()
    for line in _WHEELS:
        wheels.add(tomlkit.comment(line))
    for wheel in subject.wheels:
        wheels.add(wheel.name, f"=={wheel.version}")
    document.add("pypi-dependencies", wheels)
    return tomlkit.dumps(document)


def _workspace(subject: Subject) -> Table:
    table = tomlkit.table()
    table.add("name", subject.course.name)
    channels = (pin.public_url.rsplit("/", 2)[0] for pin in subject.conda)
    table.add("channels", list(dict.fromkeys(channels)))
    table.add("platforms", [subject.platform])
    return table
