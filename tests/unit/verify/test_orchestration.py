"""What the checks of orchestration make of what they see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bootstrap.runtimes.runtime import State
from bootstrap.verify.check import Outcome
from tests.unit.checks.fake_service import Answer, serving
from tests.unit.verify.services import install, served_by
from tests.unit.verify.subjects import look

HERE = "http://127.0.0.1:4999"
CLOUD = "https://api.prefect.cloud/api/accounts/1/workspaces/2"


def profiles(active: str, **urls: str) -> str:
    listed = [f'[profiles.{name}]\nPREFECT_API_URL = "{url}"' for name, url in urls.items()]
    return "\n".join([f'active = "{active}"', *listed])


PROFILES: list[tuple[str, dict[str, str], str]] = [
    ("", {}, "passed"),
    ("active = [", {}, "passed"),
    ('profiles = "text"', {}, "passed"),
    (profiles("local", local=HERE, cloud=CLOUD), {}, "passed"),
    (profiles("cloud", local=HERE, cloud=CLOUD), {}, "failed"),
    (profiles("cloud", local=HERE, cloud=CLOUD), {"PREFECT_PROFILE": "local"}, "passed"),
    (profiles("local", local=HERE, cloud=CLOUD), {"PREFECT_PROFILE": "cloud"}, "failed"),
    (profiles("x", x="https://notprefect.cloud.example/api"), {}, "passed"),
    ("", {"PREFECT_API_URL": CLOUD}, "failed"),
    ("", {"PREFECT_API_URL": f"{HERE}/api"}, "passed"),
    ("", {"PREFECT_API_URL": HERE}, "failed"),  # without /api Prefect finds nothing
]


@pytest.mark.parametrize(("text", "environ", "outcome"), PROFILES)
def test_variable(text: str, environ: dict[str, str], outcome: str, tmp_path: Path) -> None:
    (tmp_path / ".prefect").mkdir()
    (tmp_path / ".prefect" / "profiles.toml").write_text(text)
    with served_by(tmp_path, HERE, "prefect", **environ) as subject:
        finding = look(subject, "orchestration.variable")
    assert finding.outcome == outcome, finding
    assert bool(finding.remedy) == (outcome == "failed")


@pytest.mark.parametrize("place", ["PREFECT_HOME", "PREFECT_PROFILES_PATH"])
def test_a_profile_that_is_kept_elsewhere(place: str, tmp_path: Path) -> None:
    file = tmp_path / "profiles.toml"
    file.write_text(profiles("work", work=CLOUD))
    meant = tmp_path if place == "PREFECT_HOME" else file
    with served_by(tmp_path, HERE, "prefect", **{place: str(meant)}) as subject:
        finding = look(subject, "orchestration.variable")
    assert finding.outcome is Outcome.FAILED
    assert "`work`" in finding.found


def test_the_version_is_read_as_json(tmp_path: Path) -> None:
    answers: dict[str, Any] = {
        "GET /api/health": (200, "true"),
        "GET /api/ready": (200, {}),
        "GET /api/admin/version": (200, '"3.8.8"'),
    }
    with serving(answers) as fake, served_by(tmp_path, fake.url, "prefect") as subject:
        install(subject, "prefect", "3.8.8")
        assert look(subject, "orchestration.server").outcome is Outcome.PASSED


WELL = State("healthy", well=True)
POOL: Answer = (200, {"is_paused": False})
WORKERS: list[tuple[State | None, Answer, int | None, str, str]] = [
    (WELL, POOL, 20, "passed", "online in the pool"),
    (WELL, POOL, 200, "failed", "the worker was last heard"),
    (WELL, POOL, None, "failed", "no worker of the pool"),
    (WELL, (200, {"is_paused": True}), 20, "failed", "is paused"),
    (WELL, (404, {}), 20, "failed", "no work pool"),
    (State("exited", well=False), POOL, 20, "failed", "worker is exited"),
    (None, POOL, 20, "failed", "worker is not started"),
]


@pytest.mark.parametrize(("state", "pool", "heard", "outcome", "found"), WORKERS)
def test_worker(
    state: State | None, pool: Answer, heard: int | None, outcome: str, found: str, tmp_path: Path
) -> None:
    at = datetime.now(UTC) - timedelta(seconds=heard or 0)
    status = "OFFLINE" if heard is None else "ONLINE"
    workers = [{"status": status, "last_heartbeat_time": at.isoformat()}]
    answers: dict[str, Any] = {
        "GET /api/work_pools/default": pool,
        "POST /api/work_pools/default/workers/filter": (200, workers),
    }
    with serving(answers) as fake, served_by(tmp_path, fake.url, "prefect") as subject:
        subject.once("states", lambda: {"worker": state} if state else {})
        finding = look(subject, "orchestration.worker")
    assert (finding.outcome, found in finding.found) == (outcome, True), finding
