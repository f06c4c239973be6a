"""Where machines get the tool from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bootstrap.core.errors import UsageError
from bootstrap.export.origin import Origin
from bootstrap.export.subject import Subject
from bootstrap.export.targets import FILES
from tests.unit.export.conftest import ORIGIN

COMMIT = "a" * 40


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/tool.git",
        "ssh://git@example.org/tool.git",
        "file:///srv/tool.git",
        "http://127.0.0.1:8080/tool",
    ],
)
def test_an_address_and_a_commit(url: str) -> None:
    assert Origin.parse(f"{url}@{COMMIT}") == Origin(url, COMMIT)
    assert Origin.parse(f"git+{url}@{COMMIT}") == Origin(url, COMMIT)


@pytest.mark.parametrize(
    "text",
    [
        f"https://me:secret@example.org/tool.git@{COMMIT}",
        f"https://token@example.org/tool.git@{COMMIT}",
        f"ssh://me:secret@example.org/tool.git@{COMMIT}",
        "https://example.org/tool.git@main",
        "https://example.org/tool.git",
        f"https://example.org/tool.git; rm -rf /@{COMMIT}",
        f"tool.git@{COMMIT}",
        COMMIT,
    ],
)
def test_anything_else_is_refused_and_no_password_repeated(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        Origin.parse(text)
    assert refused.value.code == "E-EXPORT-TOOL"
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("target", ["github-action", "gitlab-ci", "cloud-init"])
def test_who_installs_the_tool_must_know_from_where(target: str, shipped: Subject) -> None:
    text = FILES[target](shipped)
    assert f"fetch --quiet --depth 1 {ORIGIN.url} {ORIGIN.commit}\n" in text
    with pytest.raises(UsageError) as refused:
        FILES[target](replace(shipped, origin=None))
    assert refused.value.code == "E-EXPORT-TOOL"


def test_a_course_outside_of_the_repository_has_no_path_for_ci(own: Subject) -> None:
    assert "COURSE: ./my course/course.yml\n" in FILES["gitlab-ci"](own)
    for target in ("github-action", "gitlab-ci"):
        with pytest.raises(UsageError) as refused:
            FILES[target](replace(own, course_file=""))
        assert refused.value.code == "E-EXPORT-COURSE"


def test_a_course_without_a_base_has_no_image(own: Subject) -> None:
    course = own.course.model_copy(update={"images": {}})
    bare = replace(own, loaded=replace(own.loaded, course=course))
    for target in ("dockerfile", "gitlab-ci"):
        with pytest.raises(UsageError) as refused:
            FILES[target](bare)
        assert refused.value.code == "E-EXPORT-IMAGE"
