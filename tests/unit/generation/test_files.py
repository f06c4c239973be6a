"""Files against their records: a small prefix of one conda package and one wheel, then damaged."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import Interrupted
from bootstrap.generation.contents import Contents
from bootstrap.generation.files import Damage, changed, not_there, recorded

CONTENTS = Contents({"python": "3.12.1-h_0"}, {"typing-extra": "1.0"})
METADATA = "conda-meta/python-3.12.1-h_0.json"
INFO = "lib/site-packages/Typing_Extra-1.0.dist-info"
LARGE = b"a" * (3 * 1024 * 1024)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    of_conda = {
        "bin/python": b"elf",
        "etc/moved": f"prefix={tmp_path}".encode(),
        "lib/large": LARGE,
    }
    of_wheel = {"typing_extra.py": b"import typing", "../../bin/x": b"#!x"}
    for name, content in of_conda.items():
        put(tmp_path / name, content)
    (tmp_path / "bin" / "python3").symlink_to("python")
    paths = [
        {
            "_path": name, "path_type": "hardlink", "size_in_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, content in of_conda.items()
    ]  # fmt: skip
    paths[1] |= {"sha256": "00", "sha256_in_prefix": paths[1]["sha256"]}
    paths[1] |= {"prefix_placeholder": "/opt/anaconda1anaconda2anaconda3", "size_in_bytes": 4}
    paths += [
        {"_path": "bin/python3", "path_type": "softlink", "sha256": "00", "size_in_bytes": 3},
        {"_path": "lib/__pycache__/x.pyc", "path_type": "pyc_file"},
    ]
    put(tmp_path / METADATA, json.dumps({"paths_data": {"paths": paths}}).encode())
    site = tmp_path / "lib" / "site-packages"
    rows = [f"{name},sha256={digest(content)},{len(content)}" for name, content in of_wheel.items()]
    rows += ["typing_extra/__pycache__/x.pyc,,", f"{INFO.rpartition('/')[2]}/RECORD,,"]
    for name, content in of_wheel.items():
        put(site / name, content)
    put(tmp_path / INFO / "RECORD", "\n".join(rows).encode())
    put(site / "by_hand-1.0.dist-info" / "RECORD", b"gone.py,sha256=AAAA,1")
    return tmp_path


def put(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def damages(prefix: Path) -> list[Damage]:
    files = recorded(prefix, prefix / "lib" / "site-packages", CONTENTS)
    return [*not_there(files), *changed(files, lambda: None)]


def gone(path: Path) -> None:
    path.unlink()


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"!")


def other(path: Path) -> None:
    path.write_bytes(b"?" + path.read_bytes()[1:])


CASES: dict[str, tuple[str, Callable[[Path], None], str, str]] = {
    "a file of conda, gone": ("bin/python", gone, "is gone", METADATA),
    "a link of conda, gone": ("bin/python3", gone, "is gone", METADATA),
    "a file of conda, longer": ("bin/python", longer, "has 4 bytes instead of 3", METADATA),
    "a file of conda, edited": ("bin/python", other, "was changed", METADATA),
    "a large one, edited": ("lib/large", other, "was changed", METADATA),
    "one that holds the prefix, edited": ("etc/moved", other, "was changed", METADATA),
    "one that holds the prefix, longer": ("etc/moved", longer, "was changed", METADATA),
    "a module, gone": ("lib/site-packages/typing_extra.py", gone, "is gone", INFO),
    "a module, longer": (
        "lib/site-packages/typing_extra.py", longer, "has 14 bytes instead of 13", INFO,
    ),
    "a module, edited": ("lib/site-packages/typing_extra.py", other, "was changed", INFO),
    "metadata of conda, no JSON": (METADATA, other, "cannot be read", METADATA),
    "a program, edited": ("bin/x", other, "was changed", INFO),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_damage_is_told_once(prefix: Path, case: str) -> None:
    file, damage, what, metadata = CASES[case]
    if case == "a program, edited":
        file = "lib/../bin/x"
    damage(prefix / file)
    (found,) = damages(prefix)
    assert Path(found.path).resolve() == (prefix / file).resolve()
    assert (found.what, found.metadata) == (what, prefix / metadata)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a.py,sha256=AAAA,many", b"one column"])
def test_a_record_that_cannot_be_read_is_damage(prefix: Path, content: bytes) -> None:
    (prefix / INFO / "RECORD").write_bytes(content)
    assert [(Path(d.path).name, d.what) for d in damages(prefix)] == [("RECORD", "cannot be read")]


def test_whole_files_and_what_was_added_by_hand_are_no_damage(prefix: Path) -> None:
    assert damages(prefix) == []


def test_hashing_ends_when_the_run_is_cancelled(prefix: Path) -> None:
    cancel = Cancel()
    cancel.request()
    with pytest.raises(Interrupted):
        changed(recorded(prefix, prefix / "lib" / "site-packages", CONTENTS), cancel.check)
