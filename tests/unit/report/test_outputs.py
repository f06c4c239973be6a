"""Files to write are looked at before the work begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap.core.errors import UsageError
from bootstrap.report.outputs import check_outputs


def test_only_what_was_asked_for_is_given(tmp_path: Path) -> None:
    (tmp_path / "old.html").write_text("old")
    asked = {"--html": tmp_path / "old.html", "--csv": tmp_path / "new.csv", "--junit": None}
    assert check_outputs(asked) == {k: v for k, v in asked.items() if v}
    assert [file.name for file in tmp_path.iterdir()] == ["old.html"], "a trial leaves nothing"
    assert (tmp_path / "old.html").read_text() == "old"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone/x.html", "No such file or directory"),
        (".", "it is a folder"),
        ("file/x.html", "Not a directory"),
        ("x" * 255, "File name too long"),
        ("/dev/null", "it is no ordinary file"),
        ("/proc/x.html", "No such file or directory"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=f"cannot be written: {why}") as caught:
        check_outputs({"--html": tmp_path / name})
    assert (caught.value.code, caught.value.where) == ("E-OUTPUT", "--html")


def test_two_options_cannot_name_one_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with pytest.raises(UsageError, match="--html writes the same file"):
        check_outputs({"--html": tmp_path / "a", "--report": tmp_path / "link"})
