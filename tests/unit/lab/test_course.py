"""Only pins differ between the shipped course and the lab's."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab import course
from tests.lab.compose_binary import ComposeBinary
from tests.lab.errors import LabError

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def pins(tmp_path: Path) -> course.Pins:
    lock = tmp_path / "made-lock.yml"
    lock.write_text("version: 1\n")
    images = {"docker.io/library/python": DIGEST, "docker.io/library/postgres": DIGEST}
    return course.Pins(lock, ComposeBinary("9.9.9", "cd" * 32), images, "ef" * 20)


def shipped() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(course.SHIPPED.read_text())
    return loaded


def test_only_pins_are_replaced(pins: course.Pins) -> None:
    before, after = shipped(), course.repin(shipped(), pins)
    (binary,) = after["binaries"]
    assert (binary["version"], binary["sha256"]) == ("9.9.9", {"x86_64": "cd" * 32})
    assert after["repository"]["commit"] == "ef" * 20
    assert after["requirements"]["arch"] == ["x86_64"]
    for reference in after["images"].values():
        assert reference.endswith(f"@{DIGEST}")
    conda = after["environment"]["conda"]
    assert conda.pop("sha256") == hashlib.sha256(pins.conda_lock.read_bytes()).hexdigest()
    for key in ("sha256", "specification"):
        before["environment"]["conda"].pop(key)
    for made in (before, after):
        del made["binaries"][0]["version"], made["binaries"][0]["sha256"]
        del made["repository"]["commit"], made["requirements"]["arch"]
        made["images"] = {role: name.split("@")[0] for role, name in made["images"].items()}
    assert after == before


def test_what_has_no_stand_in_is_named(pins: course.Pins) -> None:
    more = shipped()
    more["images"]["cache"] = f"docker.io/library/redis:8@{DIGEST}"
    with pytest.raises(LabError, match=r"docker\.io/library/redis"):
        course.repin(more, pins)


def test_locks_lie_beside_the_course(pins: course.Pins, tmp_path: Path) -> None:
    own = tmp_path / "envs" / "course.yml"
    own.parent.mkdir()
    own.write_text(course.SHIPPED.read_text())
    (own.parent / "requirements.in").write_text("a\n")
    (own.parent / "lessons.py").write_text("import a\n")
    with pytest.raises(LabError, match=r"requirements\.txt"):
        course.write(tmp_path / "made", pins, own)
    (own.parent / "requirements.txt").write_text("a==1\n")
    made = course.write(tmp_path / "made", pins, own)
    assert made.name == "lab-course.yml"
    assert (made.parent / "requirements.txt").read_text() == "a==1\n"
    assert (made.parent / "lessons.py").read_text() == "import a\n"
    assert (made.parent / "conda-lock.yml").read_text() == "version: 1\n"
    assert course.write(tmp_path / "made", pins, own) == made
    (own.parent / "requirements.txt").write_text("a==2\n")
    assert course.write(tmp_path / "made", pins, own) != made
    assert (made.parent / "requirements.txt").read_text() == "a==1\n"
