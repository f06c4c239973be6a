"""The runtime that was not chosen: its services stop, for the ports are the same; its data stay."""

from __future__ import annotations

from bootstrap.core.step import Job, Observation, Step
from bootstrap.host.host import Host, HostView
from bootstrap.runtimes.runtime import Runtime


class OtherRuntime(Step[HostView, Host]):
    """No service of the other runtime runs. Done last before those of the chosen one start."""

    name = "other-runtime"

    def __init__(self, other: Runtime, requires: frozenset[str]) -> None:
        self.requires = requires
        self.title = f"Services by {other.name}"
        self._other = other

    def observe(self, view: HostView) -> Observation:
        if not self._other.any_runs(view):
            return Observation(True, "none runs", "none runs")
        data = self._other.data(view)
        return Observation(False, "running", f"stopped; data stay: {data or 'there are none'}")

    def apply(self, host: Host, job: Job) -> None:
        self._other.take_down(host, job.cancel, job.note, volumes=False)
