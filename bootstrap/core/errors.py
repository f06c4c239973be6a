"""The one error of this tool: a stable code, what happened, where, and what to do about it."""

from __future__ import annotations


class BootstrapError(Exception):
    """Something that a person has to know about.

    code is stable and documented (`mlops-bootstrap explain CODE`); what says what happened; where
    names the file:line, key, host or step; remedy says what to do. exit_code follows the table in
    docs/exit-codes.md.
    """

    exit_code = 1

    def __init__(self, code: str, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        return f"{self.code}: {self.what}{where}"


class UsageError(BootstrapError):
    """Wrong usage or an invalid course file."""

    exit_code = 2


class RequirementError(BootstrapError):
    """The machine does not meet the requirements; nothing was changed."""

    exit_code = 3


class LockedError(BootstrapError):
    """Another run holds the machine-wide lock."""

    exit_code = 4


class TransientError(BootstrapError):
    """A failure that trying again can mend: a network that stalled, a server that was busy.

    retry_after is in seconds, where the other side said when to come back.
    """

    retry_after: float | None = None


class Interrupted(BootstrapError):  # noqa: N818 - the word for it, as in KeyboardInterrupt
    """The run was told to stop by a signal; what is done is kept and `up` goes on from there."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(
            "E-INTERRUPTED",
            "the run was interrupted",
            remedy="run `mlops-bootstrap up` again: it goes on where this one stopped",
        )
        self.exit_code = 128 + signal_number
