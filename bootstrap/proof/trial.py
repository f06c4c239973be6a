"""A trial: one part of a proof. What an earlier run proved does not count."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bootstrap.core.step import Job, Observation, Step
from bootstrap.host.host import Host, HostView


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a trial found: said to people, and counts and names (JSON) for the record."""

    said: str
    details: Mapping[str, Any] = field(default_factory=dict)


class Trial(Step[HostView, Host]):
    """One part of a proof, proven only by its own work in this run.

    evidence and seconds say what came of it; None before that.
    """

    evidence: Evidence | None = None
    seconds: float = 0.0

    @abstractmethod
    def prove(self, host: Host, job: Job) -> Evidence:
        """Do the work. Raises BootstrapError where it does not go well."""

    def observe(self, view: HostView) -> Observation:
        found = self.evidence.said if self.evidence else "not proven yet"
        return Observation(self.evidence is not None, found, "proven")

    def apply(self, host: Host, job: Job) -> None:
        started = time.monotonic()
        self.evidence = self.prove(host, job)
        self.seconds = time.monotonic() - started
