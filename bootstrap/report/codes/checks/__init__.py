"""Codes of the checks of `verify`, a module an area."""

from __future__ import annotations

from bootstrap.report.codes.checks import (
    data,
    deployment,
    environment,
    orchestration,
    pipelines,
    repository,
    security,
    tools,
    tracking,
)

PARTS = (
    tools.CODES,
    environment.CODES,
    data.CODES,
    tracking.CODES,
    orchestration.CODES,
    pipelines.CODES,
    deployment.CODES,
    repository.CODES,
    security.CODES,
)
