"""Codes of the checks of the area environment."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES: dict[str, Explanation] = {}
