"""The end of `up`: where to go from here, and what only the human can do."""

from __future__ import annotations

import os
from collections.abc import Iterator

from bootstrap.core.plan import Plan
from bootstrap.host.host import Host, HostView
from bootstrap.machine.blueprint import Blueprint
from bootstrap.report.text import Summary
from bootstrap.steps.binary import PinnedBinary
from bootstrap.steps.shell import activation


def summary_of(
    blueprint: Blueprint, view: HostView, plan: Plan[HostView, Host], seconds: float
) -> Summary:
    """The summary of a machine that is up; seconds is how long that took."""
    runtime = blueprint.runtime
    return Summary(
        addresses=tuple((name, runtime.url(name)) for name in runtime.ports),
        activate=activation(view.paths),
        todo=tuple(_left_to_do(blueprint, view, plan)),
        seconds=seconds,
        nothing_to_do=not plan.changes,
        held=blueprint.selection.held,
    )


def _left_to_do(blueprint: Blueprint, view: HostView, plan: Plan[HostView, Host]) -> Iterator[str]:
    folder = str(view.paths.bin)
    if folder not in view.environ.get("PATH", "").split(os.pathsep):
        programs = [step.name for step in plan.steps if isinstance(step, PinnedBinary)]
        if programs:
            yield f"open a new terminal, so that {', '.join(programs)} is on its PATH"
    if "engine" in plan.changing and not view.is_root:
        yield "log out and in again when convenient: the docker group counts from then on"
    remote = view.environ.get("SSH_CONNECTION")
    if remote and blueprint.selection.bind == "127.0.0.1":
        forwards = " ".join(f"-L {p}:127.0.0.1:{p}" for p in blueprint.runtime.ports.values())
        yield f"to open the pages on your own computer: ssh {forwards} {view.user}@{_host(remote)}"


def _host(ssh_connection: str) -> str:
    """The address by which the person reached this machine (SSH_CONNECTION, ssh(1))."""
    parts = ssh_connection.split()
    return parts[2] if len(parts) > 2 else "THIS_MACHINE"  # noqa: PLR2004 - client, port, server
