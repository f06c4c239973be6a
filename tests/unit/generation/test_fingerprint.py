"""The fingerprint of a set of packages: what changes it, and what does not."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.course.load import load_course
from bootstrap.course.locate import find_course
from bootstrap.generation import Generation
from bootstrap.generation.contents import Contents, Difference
from bootstrap.generation.fingerprint import fingerprint
from bootstrap.host.paths import Paths

CONTENTS = Contents({"python": "3.10.14-h1_0"}, {"numpy": "1.26.4", "pandas": "2.2.3"})


@pytest.mark.parametrize("course", ["mlops-zoomcamp", "mlops-current"])
def test_both_processors_have_the_same(course: str) -> None:
    loaded = load_course(find_course(course, os.environ))
    paths = Paths.of({"HOME": "/nowhere"})
    arm, x86 = (Generation(loaded, arch, paths).contents for arch in ("aarch64", "x86_64"))
    assert arm != x86
    assert fingerprint(arm) == fingerprint(x86)


def test_a_build_does_not_count_and_a_version_does() -> None:
    rebuilt = Contents({"python": "3.10.14-h2_1"}, CONTENTS.wheels)
    newer = Contents({"python": "3.10.15-h1_0"}, CONTENTS.wheels)
    assert fingerprint(rebuilt) == fingerprint(CONTENTS) != fingerprint(newer)


def test_where_a_package_comes_from_counts() -> None:
    assert fingerprint(Contents({"a": "1-0"}, {})) != fingerprint(Contents({}, {"a": "1"}))


@pytest.mark.parametrize(
    ("difference", "wheels"),
    [
        (Difference("numpy", "wheel", "2.0.0", "1.26.4"), {"numpy": "2.0.0", "pandas": "2.2.3"}),
        (Difference("numpy", "wheel", "", "1.26.4"), {"pandas": "2.2.3"}),
        (
            Difference("rich", "wheel", "15.0", ""),
            {"numpy": "1.26.4", "pandas": "2.2.3", "rich": "15.0"},
        ),
    ],
)
def test_drift_changes_it_as_what_is_there_says(
    difference: Difference, wheels: dict[str, str]
) -> None:
    changed = CONTENTS.changed([difference])
    assert changed == Contents(CONTENTS.conda, wheels)
    assert fingerprint(changed) != fingerprint(CONTENTS)


@given(st.dictionaries(st.text("abc", min_size=1), st.text("12", min_size=1)))
def test_the_order_does_not_count(wheels: dict[str, str]) -> None:
    turned = dict(reversed(wheels.items()))
    assert fingerprint(Contents({}, wheels)) == fingerprint(Contents({}, turned))
