from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from bootstrap.host.facts import (
    existing_parent,
    free_by_filesystem,
    free_bytes,
    meminfo,
    os_release,
    read_machine,
)

UBUNTU = """\
PRETTY_NAME="Ubuntu 24.04.1 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
# a comment
ID=ubuntu
ID_LIKE=debian
BROKEN="no end
"""


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("ID=debian", "ID", "debian"),
        ('VERSION_ID="22.04"', "VERSION_ID", "22.04"),
        ("VERSION_ID='12'", "VERSION_ID", "12"),
        ('PRETTY_NAME="a \\"b\\" $c"', "PRETTY_NAME", 'a "b" $c'),
        ("EMPTY=", "EMPTY", ""),
        ('  ID="arch"  ', "ID", "arch"),
    ],
)
def test_os_release_values_are_read_as_a_shell_reads_them(line: str, key: str, value: str) -> None:
    assert os_release(line) == {key: value}


def test_a_line_that_no_shell_could_read_is_left_out() -> None:
    assert os_release(UBUNTU).keys() == {"PRETTY_NAME", "NAME", "VERSION_ID", "ID", "ID_LIKE"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MemTotal:       3998048 kB\n", {"MemTotal": 3998048 * 1024}),
        ("HugePages_Total:       3\n", {"HugePages_Total": 3}),
        ("nonsense\nMemTotal: many kB\n", {}),
        ("", {}),
    ],
)
def test_meminfo_is_in_bytes(text: str, found: dict[str, int]) -> None:
    assert meminfo(text) == found


def test_a_machine_is_read_from_its_files(tmp_path: Path) -> None:
    for name, text in {
        "usr/lib/os-release": UBUNTU,
        "proc/meminfo": "MemTotal: 1024 kB\nSwapTotal: 2 kB\n",
        "proc/version": "Linux version 5.15.167.4-microsoft-standard-WSL2",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    machine = read_machine(tmp_path)
    assert (machine.os_id, machine.os_version, machine.os_like) == ("ubuntu", "24.04", ("debian",))
    assert (machine.memory_bytes, machine.swap_bytes) == (1024 * 1024, 2048)
    assert machine.wsl
    assert machine.systemd


def test_a_machine_without_any_of_the_files_is_read_too(tmp_path: Path) -> None:
    machine = read_machine(tmp_path)
    assert (machine.os_id, machine.os_version, machine.memory_bytes) == ("linux", "", 0)
    assert not machine.wsl
    assert not machine.systemd


def test_this_machine() -> None:
    machine = read_machine()
    release = platform.freedesktop_os_release()
    assert machine.os_id == release["ID"]
    assert machine.arch == platform.machine()
    assert machine.glibc == platform.libc_ver()[1]
    assert machine.memory_bytes > 2**28
    assert 1 <= machine.cores <= (os.cpu_count() or 1)


def test_free_space_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    below = tmp_path / "not" / "yet" / "there"
    assert existing_parent(below) == tmp_path
    assert 0 < free_bytes(below) <= os.statvfs(tmp_path).f_blocks * os.statvfs(tmp_path).f_frsize


def test_paths_are_grouped_by_filesystem(tmp_path: Path) -> None:
    grouped = free_by_filesystem(
        {"a": tmp_path / "a", "b": tmp_path / "b", "c": Path("/dev/shm/c")}
    )
    assert [purposes for _, _, purposes in grouped.values()] == [("a", "b"), ("c",)]
