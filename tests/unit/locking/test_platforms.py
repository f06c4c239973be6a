"""Which wheels a platform can use."""

from __future__ import annotations

import pytest

from bootstrap.core.errors import UsageError
from bootstrap.locking.platforms import WheelPlatform, oldest_glibc

X86 = WheelPlatform("x86_64", "3.12.13", 28)


@pytest.mark.parametrize(
    "tag",
    [
        "py3-none-any", "py2.py3-none-any", "cp312-cp312-manylinux_2_28_x86_64",
        "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
        "cp312-cp312-manylinux2014_x86_64",
        "cp312-cp312-manylinux2010_x86_64", "cp38-abi3-manylinux1_x86_64", "cp312-none-any",
        "py3-none-manylinux_2_5_x86_64", "cp312-cp312-linux_x86_64",
    ],
)  # fmt: skip
def test_usable(tag: str) -> None:
    assert X86.best(f"pkg-1.0-{tag}.whl") is not None


@pytest.mark.parametrize(
    "tag",
    [
        "cp312-cp312-manylinux_2_29_x86_64", "cp312-cp312-manylinux_2_28_aarch64",
        "cp313-cp313-manylinux_2_28_x86_64", "cp313-abi3-manylinux_2_28_x86_64",
        "cp312-cp312-musllinux_1_2_x86_64", "cp312-cp312-macosx_11_0_arm64",
        "cp312-cp312-win_amd64", "py2-none-any", "cp312-cp312t-manylinux_2_28_x86_64",
    ],
)  # fmt: skip
def test_not_usable(tag: str) -> None:
    assert X86.best(f"pkg-1.0-{tag}.whl") is None


def test_the_best_wheel_is_the_one_made_for_the_platform() -> None:
    tags = ("cp312-cp312-manylinux_2_28_x86_64", "cp38-abi3-manylinux_2_17_x86_64", "py3-none-any")
    places = [X86.best(f"pkg-1.0-{tag}.whl") for tag in tags]
    assert None not in places
    assert places == sorted(place for place in places if place is not None)


@pytest.mark.parametrize(
    ("constraint", "oldest"), [(">=2.28", "2.28"), ("== 2.35", "2.35"), (">=2.28,<3", "2.28")]
)
def test_the_oldest_glibc(constraint: str, oldest: str) -> None:
    assert oldest_glibc(constraint) == oldest


def test_a_glibc_without_a_lower_bound_is_refused() -> None:
    with pytest.raises(UsageError, match="lower bound"):
        oldest_glibc("<3")
