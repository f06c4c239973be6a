from __future__ import annotations

import json

import pytest

from bootstrap.registry.referrers import INDEX, subject_of, tag_of, with_referrer

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def test_the_tag_is_that_of_the_specification() -> None:
    assert tag_of("sha256:" + "a" * 64) == "sha256-" + "a" * 64


def test_a_subject_is_read_where_there_is_one() -> None:
    assert subject_of(b'{"subject": {"digest": "sha256:1"}}') == "sha256:1"
    assert subject_of(b'{"subject": null}') == subject_of(b"{}") == ""


def test_an_artifact_without_a_type_has_that_of_its_configuration() -> None:
    manifest = b'{"config": {"mediaType": "text/x"}}'
    index = json.loads(with_referrer(None, manifest, MANIFEST) or b"")
    assert index["mediaType"] == INDEX
    assert [entry["artifactType"] for entry in index["manifests"]] == ["text/x"]


def test_an_index_that_refers_has_no_type_of_its_own() -> None:
    index = json.loads(with_referrer(None, b'{"manifests": []}', INDEX) or b"")
    assert "artifactType" not in index["manifests"][0]


def test_what_is_listed_stays_and_nothing_is_listed_twice() -> None:
    first = with_referrer(b'{"manifests": [{"digest": "sha256:1"}], "x": 1}', b"{}", MANIFEST)
    assert first
    assert json.loads(first)["x"] == 1
    assert json.loads(first)["manifests"][0] == {"digest": "sha256:1"}
    assert with_referrer(first, b"{}", MANIFEST) is None


@pytest.mark.parametrize("content", [b"[]", b"no JSON", b'{"manifests": 1}'])
def test_what_is_no_index_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it has no words of its own
        with_referrer(content, b"{}", MANIFEST)
