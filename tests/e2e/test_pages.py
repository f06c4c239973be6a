"""The two pages that a student opens, in a real browser."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.machine import Machine

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(1800)]

BROWSER = [
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1280,800", "--virtual-time-budget=20000",
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "path", "expected"),
    [
        ("mlflow", "/#/experiments", "mlops-bootstrap-health"),
        ("prefect", "/deployments", "mlops-bootstrap-proof"),
    ],
)
def test_the_page_shows_what_the_proof_left(
    machine: Machine, tmp_path: Path, service: str, path: str, expected: str
) -> None:
    machine.ok("up", "--plain")
    done = subprocess.run(
        [*BROWSER, f"--user-data-dir={tmp_path}", "--dump-dom", machine.url(service) + path],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    assert expected in done.stdout
