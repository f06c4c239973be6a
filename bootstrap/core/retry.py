"""Trying again, where that can help: only what was raised as TransientError."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootstrap.core.errors import TransientError
from bootstrap.core.step import Job

if TYPE_CHECKING:
    from tenacity import RetryCallState, Retrying

ATTEMPTS = 5
FIRST_WAIT = 1.0
LONGEST_WAIT = 20.0
"""Seconds. Five tries with doubling, jittered waits span longer than a server needs to restart."""

LONGEST_ASKED = 300.0
"""Seconds: a server that asks for more patience than this is given up on, and its word is shown."""


def retrying(job: Job, attempts: int = ATTEMPTS) -> Retrying:
    """A tenacity.Retrying to call a function with; the last TransientError is raised as it is.

    Waits grow with full jitter, so that a class behind one mirror does not come back in step; an
    error that says when to come back (`retry_after`, in seconds) is waited for that long. Waiting
    ends at once when the run is cancelled.
    """
    from tenacity import (
        Retrying,
        retry_if_exception_type,
        stop_after_attempt,
        wait_random_exponential,
    )

    enough = stop_after_attempt(attempts)
    backoff = wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = getattr(error, "retry_after", None)
        return float(asked) if asked else backoff(state)

    def too_long(state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        return (getattr(error, "retry_after", None) or 0.0) > LONGEST_ASKED

    def say(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        seconds = state.next_action.sleep if state.next_action else 0.0
        job.note(f"{error}; trying again in {seconds:.1f} s")

    return Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=lambda state: enough(state) or too_long(state),
        wait=wait,
        sleep=job.cancel.sleep,
        before_sleep=say,
        reraise=True,
    )
