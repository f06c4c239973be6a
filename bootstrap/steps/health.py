"""Health is more than an open port: each service proves that it does its work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job, Observation, Step
from bootstrap.host.host import Host, HostView


@dataclass(frozen=True, slots=True)
class Proof:
    """One service's proof.

    prove does the work, waits by what it is given, and raises where it fails. proven_at reads from
    the service itself when that last went well; running_since is when the service started.
    """

    service: str
    prove: Callable[[Callable[[float], None]], object]
    proven_at: Callable[[], datetime | None]
    running_since: Callable[[], datetime | None]


class Health(Step[HostView, Host]):
    """Every proof went well since its service started."""

    name = "health"
    title = "Health"
    requires = frozenset({"services"})

    def __init__(self, proofs: Sequence[Proof]) -> None:
        self._proofs = tuple(proofs)

    def observe(self, view: HostView) -> Observation:
        with ThreadPoolExecutor(len(self._proofs) or 1) as pool:
            proven = list(pool.map(_is_proven, self._proofs))
        unproven = [p.service for p, well in zip(self._proofs, proven, strict=True) if not well]
        wanted = f"{', '.join(p.service for p in self._proofs)} proven"
        found = f"not proven since the start: {', '.join(unproven)}" if unproven else wanted
        return Observation(not unproven, found, wanted)

    def apply(self, host: Host, job: Job) -> None:
        with ThreadPoolExecutor(len(self._proofs) or 1) as pool:
            futures = {p.service: pool.submit(p.prove, job.cancel.sleep) for p in self._proofs}
            for service, future in futures.items():
                future.result()
                job.note(f"{service} proven")


def _is_proven(proof: Proof) -> bool:
    try:
        since, proven = proof.running_since(), proof.proven_at()
    except BootstrapError:  # it does not answer: that is not proven, and apply will say why
        return False
    return since is not None and proven is not None and proven >= since
