"""Debian packages that the course and this tool need, such as git."""

from __future__ import annotations

from bootstrap.core.step import Job, Observation, Step
from bootstrap.host import apt
from bootstrap.host.host import Host, HostView


class Packages(Step[HostView, Host]):
    """Installs what is missing of a list of Debian packages, in one transaction."""

    name = "packages"
    title = "System packages"
    resources = frozenset({"apt"})

    def __init__(self, packages: tuple[str, ...], *, sudo: bool) -> None:
        """sudo: a user who is not root may become it; preflight refuses where not."""
        self._packages = packages
        self._sudo = sudo

    def observe(self, view: HostView) -> Observation:
        missing = apt.missing(self._packages)
        found = f"missing: {', '.join(missing)}" if missing else "installed"
        return Observation(not missing, found, ", ".join(self._packages))

    def apply(self, host: Host, job: Job) -> None:
        wait = apt.lock_deadline(host.environ)
        apt.install(apt.missing(self._packages), job, deadline_s=wait)

    def as_root(self, view: HostView) -> tuple[str, ...]:
        if not self._sudo and not view.is_root:
            return ()
        return apt.commands(apt.missing(self._packages))
