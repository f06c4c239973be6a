"""The pipeline of `pipelines.local` with a real kfp, which the shipped courses leave out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from uv import find_uv_bin

from bootstrap.verify.subject import INSIDE
from tests.lab.cache import build_once, default_cache, digest_of
from tests.lab.commands import run

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

LOCK = Path(__file__).with_name("kfp.txt")
SETUPTOOLS = "setuptools==80.9.0"
"""What kfp-server-api, which is published as source only, is built by."""


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of an environment with kfp, built once for each lock and Python."""
    key = digest_of([LOCK], {"python": sys.version})
    environ = {"UV_SYSTEM_CERTS": "1", "UV_PYTHON_DOWNLOADS": "never", **os.environ}
    uv = [find_uv_bin(), "--no-config"]

    def build(target: Path) -> None:
        own = target / "bin" / "python"
        install = [*uv, "pip", "install", "--python", str(own), "--no-deps"]
        run([*uv, "venv", "--quiet", "--python", sys.executable, str(target)], env=environ)
        run([*install, SETUPTOOLS], env=environ)
        run([*install, "--no-build-isolation", "-r", str(LOCK)], env=environ)

    return build_once(default_cache(), "kfp", key, build) / "bin" / "python"


def test_a_pipeline_compiles_and_runs(python: Path, tmp_path: Path) -> None:
    asked, answered = tmp_path / "asked.json", tmp_path / "answered.json"
    asked.write_text("null")
    done = subprocess.run(
        [python, "-I", INSIDE / "kubeflow.py", asked, answered],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(answered.read_text())
    assert told["output"].endswith(" well")
    assert told["compiled"] > 1000
    compiled = (tmp_path / "pipeline.yaml").read_text()
    assert "exec-joined" in compiled
