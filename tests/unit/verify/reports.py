"""Reports made by hand."""

from __future__ import annotations

import datetime
from typing import Any

from bootstrap.verify.check import Outcome
from bootstrap.verify.report import (
    CheckResult,
    CourseFacts,
    Drifted,
    Environment,
    MachineFacts,
    Report,
    Scope,
    counts_of,
)

LOCKED = "ef" * 32
NUMPY = Drifted(package="numpy", kind="wheel", found="2.0.0", wanted="1.26.4")
WHEN = datetime.datetime(2026, 5, 4, 10, 30, tzinfo=datetime.UTC)


def check(code: str, outcome: str = "passed", **more: Any) -> CheckResult:
    area, _, name = code.partition(".")
    values = {
        "code": code, "area": area, "title": f"The {name} is as it should be", "modules": (1, 4),
        "outcome": Outcome(outcome), "found": f"{name} is there", "wanted": "", "remedy": "",
        "error": "", "blocked_by": (), "seconds": 0.25,
    }  # fmt: skip
    return CheckResult(**{**values, **more})


FAILED = check(
    "tools.docker-group",
    "failed",
    found="you are not in the group docker",
    wanted="you in the group docker",
    remedy="sudo usermod -aG docker $USER\nnewgrp docker",
    seconds=1.5,
)
BLOCKED = check(
    "tools.compose", "blocked", found="blocked by tools.docker-group",
    blocked_by=("tools.docker-group",), seconds=0.0,
)  # fmt: skip
WARNED = check("repository.large-files", "warning", found="over 50 MiB: a.parquet", remedy="git rm")
SKIPPED = check("deployment.image", "skipped", found="not applicable: native runtime")
ALL = (FAILED, BLOCKED, check("environment.packages"), WARNED, SKIPPED)


def report(
    *checks: CheckResult,
    course: str = "mlops-zoomcamp",
    drift: tuple[Drifted, ...] = (),
    fingerprint: str = LOCKED,
    wanted: str = LOCKED,
    seconds: float = 4.5,
    partial: bool = False,
) -> Report:
    checks = checks or ALL
    return Report(
        version=1,
        kind="report",
        tool="0.1.0",
        when=WHEN,
        seconds=seconds,
        course=CourseFacts(name=course, title="MLOps Zoomcamp", lock="ab" * 32),
        runtime="docker",
        environment=Environment(
            generation="ab" * 32, held=False, fingerprint=fingerprint, wanted=wanted, drift=drift
        ),
        machine=MachineFacts(
            distribution="Ubuntu 24.04 LTS", os_id="ubuntu", os_version="24.04", arch="x86_64",
            glibc="2.39", memory_bytes=8_200_000_000, swap_bytes=0, cores=4, wsl=False,
            systemd=True,
        ),
        scope=Scope(only=("tools",) if partial else (), module=None, deep=False, partial=partial),
        counts=counts_of(checks),
        checks=checks,
        signature=None,
    )  # fmt: skip
