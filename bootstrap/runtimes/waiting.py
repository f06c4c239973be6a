"""Waiting for a service to be healthy, and the error where it is not, for every runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job

POLL = 0.2
"""Seconds between two looks at a service while waiting."""


def late(name: str, deadline: int, complaint: Callable[[], str], job: Job) -> str:
    """Wait until there is no complaint about a service, at most deadline seconds.

    Gives what to say of one that is late, empty where it is healthy. Raises Interrupted.
    """
    from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

    waiting = Retrying(
        retry=retry_if_result(bool),
        stop=stop_after_delay(deadline),
        wait=wait_fixed(POLL),
        sleep=job.cancel.sleep,
    )
    try:
        waiting(complaint)
    except RetryError as error:
        return f"{name} is not healthy after {deadline} s: {error.last_attempt.result()}"
    return ""


def unhealthy(what: str, name: str, log: Iterable[str], job: Job, project: str) -> BootstrapError:
    """The error for services that do not come up; name is of the one that is ill, if known, and
    the last lines of its log go into the job's."""
    for line in log:
        job.note(f"{name}: {line}")
    logs = f"mlops-bootstrap logs {name}".strip()
    return BootstrapError(
        "E-SERVICE-UNHEALTHY",
        what,
        where=name or project,
        remedy=f"look at `{logs}`, then run `mlops-bootstrap up` again",
    )
