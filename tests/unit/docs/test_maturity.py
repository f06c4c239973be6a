"""docs/maturity.md lists the capabilities, and the checks behind them, as the code has them."""

from __future__ import annotations

import re
from pathlib import Path

from bootstrap.verify.maturity import LEVELS, MODEL

PAGE = (Path(__file__).parents[3] / "docs" / "maturity.md").read_text()


def test_the_table_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| (\d) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [
        (str(level.number), one.name, " ".join(f"`{code}`" for code in one.checks) or "none")
        for level in LEVELS
        for one in level.capabilities
    ]
    assert MODEL in PAGE
