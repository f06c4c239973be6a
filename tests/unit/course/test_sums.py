"""An edited lock is refused, and what was edited in it is named."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from bootstrap.core.errors import UsageError
from bootstrap.course.digests import check_digest
from bootstrap.course.sums import SUMS, sums_text

SHIPPED = Path(__file__).parents[3] / "envs" / "mlops-zoomcamp"


@pytest.fixture(params=["conda-lock.yml", "requirements.txt"])
def lock(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    content = (SHIPPED / request.param).read_bytes()
    copy = tmp_path / request.param
    copy.write_bytes(content)
    (tmp_path / SUMS).write_text(sums_text({copy.name: content}))
    return copy


def pinned(lock: Path) -> str:
    return hashlib.sha256((SHIPPED / lock.name).read_bytes()).hexdigest()


def change(lock: Path, old: str, new: str) -> None:
    text = lock.read_text()
    assert text.count(old) == 1
    lock.write_text(text.replace(old, new))


def test_a_lock_as_it_was_made_is_taken(lock: Path) -> None:
    check_digest(lock, pinned(lock))


@pytest.mark.parametrize(
    ("name", "old", "new", "entry"),
    [
        ("conda-lock.yml", "1dd3fffd8920", "1dd3fffd8921", "_openmp_mutex (linux-64)"),
        ("requirements.txt", "aiohappyeyeballs==2.7.1", "aiohappyeyeballs==2.7.2",
         "aiohappyeyeballs"),
        ("requirements.txt", "9243213661e2", "9243213661e3", "aiohappyeyeballs"),
    ],
)  # fmt: skip
def test_the_entry_that_was_edited_is_named(
    tmp_path: Path, name: str, old: str, new: str, entry: str
) -> None:
    content = (SHIPPED / name).read_bytes()
    lock = tmp_path / name
    lock.write_bytes(content)
    (tmp_path / SUMS).write_text(sums_text({name: content}))
    change(lock, old, new)
    with pytest.raises(UsageError) as caught:
        check_digest(lock, pinned(lock))
    assert caught.value.code == "E-LOCK-EDITED"
    assert caught.value.what.endswith(f"; changed: {entry}")
    assert pinned(lock) in caught.value.what


def test_an_entry_that_was_added_or_is_gone_is_named(lock: Path) -> None:
    text = lock.read_text()
    if lock.name == "requirements.txt":
        added = text + f"zzz==1 --hash=sha256:{'0' * 64}\n"
        lock.write_text(added.replace("aiohttp==", "aiohttq==", 1))
        changed = ["aiohttp", "aiohttq", "zzz"]
    else:
        lock.write_text(text.replace("- name: bzip2", "- name: bzip3", 1))
        changed = ["bzip2 (linux-64)", "bzip3 (linux-64)"]
    with pytest.raises(UsageError, match=re.escape("; changed: " + ", ".join(changed))):
        check_digest(lock, pinned(lock))


def test_a_change_that_no_entry_holds_is_refused_all_the_same(lock: Path) -> None:
    lock.write_text(lock.read_text() + "# a note\n")
    with pytest.raises(UsageError) as caught:
        check_digest(lock, pinned(lock))
    assert caught.value.code == "E-LOCK-EDITED"
    assert "; changed" not in caught.value.what


@pytest.mark.parametrize("sums", [None, "", "nonsense\n"])
def test_without_sums_the_file_is_named(lock: Path, sums: str | None) -> None:
    beside = lock.with_name(SUMS)
    beside.unlink() if sums is None else beside.write_text(sums)
    lock.write_bytes(lock.read_bytes() + b"\xff")
    with pytest.raises(UsageError) as caught:
        check_digest(lock, pinned(lock))
    assert caught.value.where == str(lock)


def test_a_lock_without_a_pin_is_taken(lock: Path) -> None:
    check_digest(lock, None)
