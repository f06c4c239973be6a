from pathlib import Path

import pytest

from bootstrap.course.load import load_course
from bootstrap.course.model import SUBDIRS, Arch, satisfies


@pytest.mark.parametrize(
    ("constraint", "version", "expected"),
    [
        (">=22.04", "22.04", True),
        (">=22.04", "24.04", True),
        (">=22.04", "20.04", False),
        (">=22.04, <25", "25.04", False),
        (">=12", "12", True),
        (">=2.28", "2.9", False),
        ("~=2.28", "2.39", True),
        (">= 12", "13.1", True),
        (">=12", "sid", False),
        (">=12", "", False),
    ],
)
def test_constraints(constraint: str, version: str, expected: bool) -> None:
    assert satisfies(constraint, version) is expected


@pytest.mark.parametrize(
    ("arch", "template", "expected"),
    [
        ("x86_64", "https://x/v{version}/a-{arch}", "https://x/v2.40.3/a-x86_64"),
        ("aarch64", "https://x/{subdir}/{version}", "https://x/linux-aarch64/2.40.3"),
        ("x86_64", "https://x/{subdir}/{arch}", "https://x/linux-64/x86_64"),
    ],
)
def test_the_url_of_a_binary(course_file: Path, arch: Arch, template: str, expected: str) -> None:
    text = course_file.read_text()
    old = "https://example.org/v{version}/docker-compose-{arch}"
    assert old in text
    course_file.write_text(text.replace(old, template))
    assert load_course(course_file).course.binaries[0].url_for(arch) == expected
    assert arch in SUBDIRS


@pytest.mark.parametrize(
    ("destination", "expected"),
    [("~/a/b", "/home/me/a/b"), ("/srv/course", "/srv/course"), ("~/.hidden", "/home/me/.hidden")],
)
def test_the_folder_of_the_repository(course_file: Path, destination: str, expected: str) -> None:
    text = course_file.read_text()
    course_file.write_text(text.replace("~/course", destination))
    repository = load_course(course_file).course.repository
    assert repository.folder(Path("/home/me")) == Path(expected)


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/DataTalksClub/mlops-zoomcamp.git",
        "http://127.0.0.1:8080/git/course.git",
        "ssh://git@example.org:22/course.git",
        "git@github.com:DataTalksClub/mlops-zoomcamp.git",
        "file:///srv/git/course.git",
    ],
)
def test_addresses_of_repositories(course_file: Path, url: str) -> None:
    text = course_file.read_text()
    course_file.write_text(text.replace("https://example.org/course.git", url))
    assert load_course(course_file).course.repository.url == url
