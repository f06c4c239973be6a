"""A check: a read-only proof about the finished machine, and what it found."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bootstrap.verify.subject import Subject


class Outcome(enum.StrEnum):
    """How a check ended."""

    PASSED = "passed"
    WARNING = "warning"  # it works, and something about it should be known
    FAILED = "failed"
    BLOCKED = "blocked"  # not tried: a check that it needs did not pass
    SKIPPED = "skipped"  # does not apply to this machine or course


class Area(enum.StrEnum):
    """What a check is about; the values are those of `verify --only`."""

    TOOLS = "tools"
    ENVIRONMENT = "environment"
    DATA = "data"
    TRACKING = "tracking"
    ORCHESTRATION = "orchestration"
    PIPELINES = "pipelines"
    DEPLOYMENT = "deployment"
    REPOSITORY = "repository"
    SECURITY = "security"


class Extra(enum.StrEnum):
    """What `verify` does only where it is asked for, by an option of this name: it takes longer."""

    DEEP = "deep"
    IMPORTS = "imports"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. wanted and remedy matter where it did not pass; the remedy can be
    pasted. blocks says whether what needs the check is not to be tried; None: as the outcome says.
    """

    outcome: Outcome
    found: str
    wanted: str = ""
    remedy: str = ""
    blocks: bool | None = None


def passed(found: str) -> Finding:
    """The machine is as wanted."""
    return Finding(Outcome.PASSED, found)


def warning(
    found: str, *, wanted: str = "", remedy: str = "", blocks: bool | None = None
) -> Finding:
    """It works, but somebody should know. With blocks it is not broken, and yet what needs it
    cannot be tried now."""
    return Finding(Outcome.WARNING, found, wanted, remedy, blocks)


def failed(found: str, *, wanted: str, remedy: str, blocks: bool | None = None) -> Finding:
    """The machine is not as wanted. Without blocks, what needs it can be tried all the same."""
    return Finding(Outcome.FAILED, found, wanted, remedy, blocks)


def skipped(why: str) -> Finding:
    """There is nothing to look at here: `not applicable: native runtime`."""
    return Finding(Outcome.SKIPPED, f"not applicable: {why}")


@dataclass(frozen=True, slots=True)
class Check:
    """One proof.

    code is stable, `AREA.NAME`, and explained in the catalogue; title says what is so when it
    passes; look does the work and may raise BootstrapError, which counts as failed. requires
    names checks that have to pass first. One with extra is only carried out where that is asked
    for. With docker it is about containers, and not for the native runtime; one that is of the
    machine and not of what was installed makes `verify` end with 3.
    """

    code: str
    title: str
    look: Callable[[Subject], Finding] = field(repr=False)
    requires: tuple[str, ...] = ()
    docker: bool = False
    extra: Extra | None = None
    of_machine: bool = False

    @property
    def area(self) -> Area:
        """The area that it belongs to."""
        return Area(self.code.partition(".")[0])


@dataclass(frozen=True, slots=True)
class Result:
    """A check that has ended. error is the code of the error that ended it, where one did;
    blocked_by names the checks that did not pass; seconds is what it took."""

    check: Check
    finding: Finding
    seconds: float
    error: str = ""
    blocked_by: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        return self.finding.outcome

    @property
    def good(self) -> bool:
        """Whether what needs this check may be tried."""
        if self.finding.blocks is not None:
            return not self.finding.blocks
        return self.outcome not in {Outcome.FAILED, Outcome.BLOCKED}
