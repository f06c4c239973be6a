import re

import pytest

from bootstrap.course.images import ImageReference

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag"),
    [
        ("postgres", "docker.io", "library/postgres", None),
        ("postgres:17-alpine", "docker.io", "library/postgres", "17-alpine"),
        ("prefecthq/prefect:3", "docker.io", "prefecthq/prefect", "3"),
        ("docker.io/postgres", "docker.io", "library/postgres", None),
        ("docker.io/library/python:3.12", "docker.io", "library/python", "3.12"),
        ("ghcr.io/a/b/c:v1", "ghcr.io", "a/b/c", "v1"),
        ("localhost/a", "localhost", "a", None),
        ("localhost:5005/a:1", "localhost:5005", "a", "1"),
        ("127.0.0.1:5005/a/b", "127.0.0.1:5005", "a/b", None),
    ],
)
def test_references_are_taken_apart(
    text: str, registry: str, repository: str, tag: str | None
) -> None:
    image = ImageReference.parse(f"{text}@{DIGEST}")
    assert (image.registry, image.repository, image.tag) == (registry, repository, tag)
    assert image.digest == DIGEST
    assert image.name == f"{registry}/{repository}"
    assert image.pinned == f"{registry}/{repository}@{DIGEST}"
    assert ImageReference.parse(str(image)) == image
    assert ImageReference.parse(image) is image


def test_a_mirror_serves_the_same_repository_and_digest() -> None:
    image = ImageReference.parse(f"postgres:17@{DIGEST}")
    for prefix in ("localhost:5005", "localhost:5005/"):
        assert image.at(prefix) == f"localhost:5005/library/postgres@{DIGEST}"
    assert image.at("mirror.example/hub") == f"mirror.example/hub/library/postgres@{DIGEST}"


@pytest.mark.parametrize(
    ("text", "saying"),
    [
        ("postgres:17", "postgres:17@sha256:"),
        ("", "has no digest"),
        ("postgres@sha512:" + "a" * 128, "is not one"),
        ("postgres@" + DIGEST.upper(), "is not one"),
        ("Postgres@" + DIGEST, "not an image reference"),
        ("https://ghcr.io/a@" + DIGEST, "not an image reference"),
        ("a b@" + DIGEST, "not an image reference"),
        (f"-a@{DIGEST}", "not an image reference"),
        (17, "must be text"),
    ],
)
def test_what_is_no_pinned_reference_is_refused(text: object, saying: str) -> None:
    with pytest.raises(ValueError, match=re.escape(saying)):
        ImageReference.parse(text)
