from __future__ import annotations

import dataclasses

import pytest

from bootstrap.host.facts import Machine
from bootstrap.preflight.machine import check
from bootstrap.preflight.needs import Needs
from bootstrap.preflight.size import GIB, gib

MACHINE = Machine(
    os_id="ubuntu",
    os_version="24.04",
    pretty_name="Ubuntu 24.04.1 LTS",
    os_like=("debian",),
    arch="x86_64",
    glibc="2.39",
    memory_bytes=16 * GIB,
    swap_bytes=0,
    wsl=False,
    systemd=True,
    cores=4,
)
NEEDS = Needs(
    MACHINE,
    systems={"ubuntu": ">=22.04", "debian": ">=12"},
    arches=("x86_64", "aarch64"),
    glibc=">=2.28",
    memory_bytes=3 * GIB,
)


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"os_id": "debian", "os_version": "12"}, []),
        ({"os_version": "22.04"}, []),
        ({"os_version": "20.04"}, ["E-OS"]),
        ({"os_id": "fedora", "os_like": (), "os_version": "41"}, ["E-OS"]),
        ({"os_id": "linuxmint", "os_like": ("ubuntu", "debian")}, ["e-os"]),
        ({"os_id": "debian", "os_version": "", "os_like": ()}, ["e-os"]),
        ({"arch": "aarch64"}, []),
        ({"arch": "armv7l"}, ["E-ARCH"]),
        ({"glibc": "2.28"}, []),
        ({"glibc": "2.27"}, ["E-GLIBC"]),
        ({"glibc": ""}, ["E-GLIBC"]),
        ({"memory_bytes": int(7.7 * GIB)}, []),
        ({"memory_bytes": int(3.8 * GIB), "swap_bytes": GIB}, ["w-memory"]),
        ({"memory_bytes": int(3.8 * GIB)}, ["w-memory", "w-swap"]),
        ({"memory_bytes": int(2.85 * GIB), "swap_bytes": GIB}, ["w-memory"]),
        ({"memory_bytes": int(1.9 * GIB)}, ["E-MEMORY"]),
        ({"wsl": True}, ["w-wsl"]),
        (
            {"os_version": "18.04", "glibc": "2.27", "arch": "i686", "memory_bytes": GIB},
            ["E-OS", "E-ARCH", "E-GLIBC", "E-MEMORY"],
        ),
    ],
)
def test_what_a_machine_lacks(changed: dict[str, object], codes: list[str]) -> None:
    """Codes in lower case are of warnings."""
    machine = dataclasses.replace(MACHINE, **changed)  # type: ignore[arg-type]
    found = check(dataclasses.replace(NEEDS, machine=machine))
    assert [p.code if p.fatal else p.code.lower() for p in found] == codes
    assert all(p.what and p.where and p.remedy for p in found)


def test_the_words_are_exact() -> None:
    old = dataclasses.replace(
        MACHINE, pretty_name="Ubuntu 20.04", os_version="20.04", memory_bytes=2 * GIB
    )
    assert [p.what for p in check(dataclasses.replace(NEEDS, machine=old))] == [
        "needs ubuntu >=22.04 or debian >=12, this is Ubuntu 20.04",
        "needs 3.0 GiB of memory, has 2.0 GiB",
    ]


@pytest.mark.parametrize("systemd", [True, False])
def test_wsl_is_told_how_to_get_systemd_only_where_it_has_none(systemd: bool) -> None:
    machine = dataclasses.replace(MACHINE, wsl=True, systemd=systemd)
    (problem,) = check(dataclasses.replace(NEEDS, machine=machine))
    assert ("wsl.conf" in problem.remedy) is not systemd


def test_nothing_needed_is_nothing_wrong() -> None:
    assert check(Needs(MACHINE)) == ()


@pytest.mark.parametrize(
    ("size", "words"),
    [(10 * GIB, "10.0 GiB"), (int(3.25 * GIB), "3.2 GiB"), (512 * 1024**2, "512 MiB")],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert gib(size) == words
