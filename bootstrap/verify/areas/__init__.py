"""The checks, a module an area."""

from __future__ import annotations

from bootstrap.verify.areas import (
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
from bootstrap.verify.check import Check


def all_checks() -> tuple[Check, ...]:
    """Every check, in the order in which they are told."""
    return (
        *tools.CHECKS,
        *environment.CHECKS,
        *data.CHECKS,
        *tracking.CHECKS,
        *orchestration.CHECKS,
        *pipelines.CHECKS,
        *deployment.CHECKS,
        *repository.CHECKS,
        *security.CHECKS,
    )
