"""The table at the end of `verify`."""

from __future__ import annotations

import pytest

from bootstrap.report.checks.table import table
from bootstrap.report.colour import Paint
from tests.unit.verify.reports import ALL, FAILED, check

GOLDEN = """\
tools
  failed   tools.docker-group      you are not in the group docker  1.5 s
           wanted   you in the group docker
           remedy   sudo usermod -aG docker $USER
                    newgrp docker
           modules  1, 4
           more     mlops-bootstrap explain tools.docker-group
  blocked  tools.compose           blocked by tools.docker-group

environment
  passed   environment.packages    packages is there  0.2 s

repository
  warning  repository.large-files  over 50 MiB: a.parquet  0.2 s
           remedy   git rm
           modules  1, 4
           more     mlops-bootstrap explain repository.large-files

deployment
  skipped  deployment.image        not applicable: native runtime  0.2 s

1 failed, 1 blocked, 1 warning, 1 passed, 1 not applicable  4.5 s"""


def test_the_whole_table() -> None:
    assert table(ALL, 4.5) == GOLDEN


def test_nothing_to_check() -> None:
    assert table((), 0.0) == "Nothing to check."


def test_what_passed_is_cropped_and_a_remedy_is_never_broken() -> None:
    remedy = f"git -C /home/somebody/{'x' * 80} pull"
    results = [check("tools.git", found="y" * 200), check("tools.x", "failed", remedy=remedy)]
    lines = table(results, 1.0, width=60).splitlines()
    (passed,) = [line for line in lines if "tools.git" in line]
    assert len(passed) <= 60
    assert "yyy..." in passed
    assert any(line.endswith(remedy) for line in lines)


def test_an_error_is_explained_by_its_own_code() -> None:
    assert "explain E-INTERNAL" in table([check("tools.x", "failed", error="E-INTERNAL")], 1.0)


@pytest.mark.parametrize("field", ["found", "wanted", "remedy"])
def test_nothing_from_outside_reaches_the_terminal_raw(field: str) -> None:
    odd = FAILED.model_copy(update={field: "\x1b[2Ja\x07b\u202ec\ud800"})
    shown = table([odd], 1.0)
    assert "abc" in shown
    assert not {"\x1b", "\x07", "\u202e", "\ud800"} & set(shown)


def test_colours_only_repeat_the_words() -> None:
    painted = table(ALL, 4.5, Paint(on=True))
    assert "\x1b[31mfailed \x1b[0m" in painted
    assert "\x1b[33mblocked\x1b[0m" in painted
