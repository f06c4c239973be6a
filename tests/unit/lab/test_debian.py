"""The mirror is read from the machine's own apt sources, whichever way they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.debian import mirror
from tests.lab.errors import LabError

DEB822 = """\
Types: deb
# a comment
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
"""


def test_deb822_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "debian.sources").write_text(DEB822)
    assert mirror(tmp_path) == "http://mirror.example/debian"


@pytest.mark.parametrize(
    "line",
    [
        "deb http://mirror.example/debian bookworm main",
        "deb [signed-by=/usr/share/x.gpg arch=amd64] http://mirror.example/debian/ sid main",
    ],
)
def test_one_line_sources(tmp_path: Path, line: str) -> None:
    (tmp_path / "sources.list").write_text(f"# deb http://old.example/debian x main\n{line}\n")
    assert mirror(tmp_path) == "http://mirror.example/debian"


def test_a_machine_without_debian_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="needs a Debian machine"):
        mirror(tmp_path)
