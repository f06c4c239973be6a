from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.core.errors import BootstrapError
from bootstrap.host.marked_block import (
    BEGIN,
    END,
    block_in,
    has_block,
    put_block,
    with_block,
    without_block,
)

contents = st.binary().filter(lambda text: BEGIN not in text and END not in text)


@given(contents, st.lists(st.sampled_from([b"one\n", b"two\n"]), min_size=1, max_size=3))
def test_everything_outside_the_block_stays_byte_for_byte(
    content: bytes, bodies: list[bytes]
) -> None:
    changed = content
    for body in bodies:
        changed = with_block(changed, body, "rc")
        assert BEGIN + body + END in changed
        assert changed.count(BEGIN) == 1
    assert without_block(changed) == content


@pytest.mark.parametrize(
    "content", [BEGIN, END, END + BEGIN, BEGIN + BEGIN + END, b"x\n" + BEGIN + b"y\n"]
)
def test_broken_marks_are_said_with_their_line_and_left(content: bytes, tmp_path: Path) -> None:
    rc = tmp_path / ".bashrc"
    rc.write_bytes(content)
    with pytest.raises(BootstrapError) as caught:
        put_block(rc, b"body\n")
    assert caught.value.code == "E-SHELL-BLOCK"
    assert caught.value.where.startswith(f"{rc}:")
    assert rc.read_bytes() == content


def test_the_file_keeps_mode_and_link(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles", tmp_path / ".bashrc"
    real.write_bytes(b"alias ll='ls -l'")
    real.chmod(0o600)
    link.symlink_to(real)
    put_block(link, b"body\n")
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert real.read_bytes() == BEGIN + b"body\n" + END + b"alias ll='ls -l'"
    assert has_block(link, b"body\n")
    assert not has_block(link, b"other\n")
    assert not has_block(tmp_path / "absent", b"body\n")


def test_of_a_file_only_our_block_is_read(tmp_path: Path) -> None:
    rc = tmp_path / ".bashrc"
    assert block_in(rc) == ""
    rc.write_bytes(b"mine\n")
    assert block_in(rc) == ""
    put_block(rc, b"body\n")
    assert block_in(rc) == (BEGIN + b"body\n" + END).decode()
    rc.write_bytes(BEGIN + b"mine\n")
    with pytest.raises(BootstrapError, match="marks of our block"):
        block_in(rc)
