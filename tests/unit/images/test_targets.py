"""The targets of images, held to what they stand for."""

from __future__ import annotations

import re
from pathlib import Path

from bootstrap.course.locate import compose_directory, tool_requirements
from bootstrap.course.requirements import read_requirements
from bootstrap.export.dockerfile import variables_of
from bootstrap.images import furniture, targets
from bootstrap.images.arrange import SHARED, _layer_of
from bootstrap.images.furniture import TOOL_PACKAGES, own_package


def test_services_have_the_variables_and_scripts_of_the_course_image() -> None:
    dockerfile = (compose_directory() / "Dockerfile").read_text()
    (block,) = re.findall(r"^ENV (.*?)\n\n", dockerfile, re.MULTILINE | re.DOTALL)
    variables = dict(re.findall(r"(\w+)=(\S+)", block))
    del variables["PREFIX"]
    made = targets._services()
    wanted = {**variables_of("${PREFIX}"), **made.environment}
    assert variables == wanted
    (copied,) = re.findall(r"^COPY (.*) /opt/mlops-bootstrap/$", dockerfile, re.MULTILINE)
    names = {Path(entry.path).name for entry in made.entries if entry.content}
    assert names == set(copied.split())
    assert {entry.path: entry.mode for entry in made.entries if not entry.content} == {
        "var/lib/mlops-bootstrap/home": 0o1777,
        "var/lib/mlops-bootstrap/artifacts": 0o1777,
    }


def test_packages_of_the_tool_in_images_are_among_its_pins() -> None:
    pinned = {pin.name for pin in read_requirements(tool_requirements())}
    assert set(TOOL_PACKAGES) <= pinned


def test_the_tool_brings_its_courses_and_no_leftovers() -> None:
    files = own_package()
    assert "bootstrap/cli/main.py" in files
    assert "bootstrap/data/envs/mlops-zoomcamp/course.yml" in files
    assert "bootstrap/data/compose/compose.yaml" in files
    assert "bootstrap/data/scripts/requirements.txt" in files
    assert not [path for path in files if "__pycache__" in path or path.endswith(".pyc")]


def test_a_user_is_added_once() -> None:
    entries = {e.path: e.content for e in furniture._user(b"root:x:0:0::/:/bin/sh\n", b"root:x:0:")}
    assert entries["etc/passwd"].splitlines()[-1].startswith(b"student:x:1000:1000:")
    assert entries["etc/group"] == b"root:x:0:\nstudent:x:1000:\n"
    own = b"ubuntu:x:1000:1000::/home/ubuntu:/bin/bash\n"
    entries = {e.path: e.content for e in furniture._user(own, b"")}
    assert entries["etc/passwd"] == own


def test_a_wheel_has_its_layer_by_its_name_alone() -> None:
    assert _layer_of("pyarrow", 150 << 20) == "Wheel pyarrow"
    small = {_layer_of(f"wheel-{number}", 1000) for number in range(500)}
    assert len(small) == SHARED
    assert _layer_of("idna", 1) == _layer_of("idna", 1 << 20)
