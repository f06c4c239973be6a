"""Facts of a machine for who helps from afar."""

from __future__ import annotations

import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bootstrap import __version__
from bootstrap.core.errors import BootstrapError
from bootstrap.generation.contents import Found
from bootstrap.generation.installed import Installed
from bootstrap.generation.links import Links
from bootstrap.host.facts import free_by_filesystem, meminfo, read_machine
from bootstrap.host.network import proxy_settings
from bootstrap.runtimes.docker.stack import COMPOSE
from bootstrap.support.part import Scene

MEMORY = ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree")


def versions(scene: Scene) -> dict[str, Any]:
    """Of everything that has one; what cannot say it says why."""
    view = scene.view

    def said(*argv: str) -> Callable[[], str]:
        return lambda: view.query(*argv).last_lines

    asked: dict[str, Callable[[], Any]] = {
        "engine": view.engine.version,
        "compose": said(str(view.paths.bin / COMPOSE), "version", "--short"),
        "docker compose": said("docker", "compose", "version", "--short"),
        "git": said("git", "--version"),
        "course": lambda: scene.blueprint.loaded.course.name,
        "lock": lambda: scene.blueprint.lock_digest,
        "environment": lambda: environment(scene.view.paths.environments),
    }
    told = {name: _or_why(ask) for name, ask in asked.items()}
    return {"tool": __version__, "python of the tool": platform.python_version(), **told}


def environment(folder: Path) -> dict[str, Any]:
    """The environment in use: its Python, how many packages it has and ought to have, and drift.

    folder is that of all environments. Raises BootstrapError E-NOT-UP.
    """
    current = Links(folder).current
    installed = Installed.read(current) if current else None
    if installed is None:
        raise BootstrapError(
            "E-NOT-UP",
            "no complete environment is in use",
            where=str(folder),
            remedy="run `mlops-bootstrap up`",
        )
    found, wanted = Found.read(installed.prefix), installed.contents
    return {
        "digest": installed.digest,
        "python": installed.python,
        "conda": {"found": len(found.conda), "locked": len(wanted.conda)},
        "wheels": {"found": len(found.wheels), "locked": len(wanted.wheels)},
        "drift": [asdict(one) for one in installed.drift()],
    }


def machine(scene: Scene) -> dict[str, Any]:
    """What it is, what time it has, and by which proxies it goes out."""
    return {
        **asdict(read_machine()),
        "kernel": os.uname().release,
        "now": datetime.now(UTC).isoformat(timespec="seconds"),
        "up_seconds": round(time.clock_gettime(time.CLOCK_BOOTTIME)),
        "proxies": proxy_settings(scene.view.environ),
    }


def resources(scene: Scene) -> dict[str, Any]:
    """Bytes of memory, and of each file system that something of ours is on, with what is free."""
    paths = scene.view.paths
    places = {
        "home": paths.home, "data": paths.data, "cache": paths.cache, "state": paths.state,
        "temporary": Path(os.environ.get("TMPDIR", "/tmp")), "system": Path("/"),  # noqa: S108 - looked at only
    }  # fmt: skip
    memory = meminfo(Path("/proc/meminfo").read_text())
    disks = [
        {
            "of": purposes,
            "free": free,
            "total": shutil.disk_usage(folder).total,
            "free_inodes": os.statvfs(folder).f_favail,
        }
        for folder, free, purposes in free_by_filesystem(places).values()
    ]
    return {"memory": {name: memory.get(name) for name in MEMORY}, "disks": disks}


def _or_why(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except BootstrapError as error:
        return {"code": error.code, "why": error.what}
