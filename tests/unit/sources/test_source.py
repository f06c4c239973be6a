from __future__ import annotations

import pytest

from bootstrap.core.errors import UsageError
from bootstrap.sources.source import Source, without_credentials


def test_a_mirror_has_the_layout_of_upstream() -> None:
    source = Source.parse("http://mirror.example:8080/lab/")
    assert (
        source.url("https://host.example/a/b") == "http://mirror.example:8080/lab/host.example/a/b"
    )
    assert Source.parse("upstream").url("https://host.example/a") == "https://host.example/a"


@pytest.mark.parametrize("text", ["", "mirror", "ftp://u:geheim@host/x", "/a/folder", "http://"])
def test_what_is_no_source_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(UsageError, match="E-SOURCE") as caught:
        Source.parse(text)
    assert "geheim" not in str(caught.value)


def test_a_source_is_shown_without_credentials() -> None:
    source = Source.parse("https://u:geheim@mirror.example")
    assert str(source) == "https://mirror.example"
    assert source.url("https://h/x") == "https://u:geheim@mirror.example/h/x"
    assert without_credentials("https://token@h:1/p?q#f") == "https://h:1/p?q#f"
    assert without_credentials("no url") == "no url"
