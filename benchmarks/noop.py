"""A machine that is as wanted: `up` says so, against an Ansible playbook with nothing to change."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measured import Measured, Series, Target
from benchmarks.place import Place, new_place, running_lab
from benchmarks.timing import TOOL, RunError, in_turns, seconds
from bootstrap.machine.blueprint import this_arch

PLAYBOOK = Path(__file__).with_name("playbook.yml")
OURS = "mlops-bootstrap up"
ANSIBLE = "ansible-playbook, six tasks"
PIPELINED = "the same with pipelining"
LIMIT = 0.4
TIMES = 12


def measure(count: int) -> Measured:
    if not shutil.which("ansible-playbook"):
        raise RunError("the peer is missing: apt-get install ansible-core")
    with (
        tempfile.TemporaryDirectory(prefix="mlops-bench-cache-") as cache,
        running_lab() as lab,
        new_place(lab, Path(cache)) as place,
    ):
        seconds(place.up, place.environ)
        runs = in_turns(count, _contenders(place))
    ours, ansible, pipelined, status = (Series(what, taken) for what, taken in runs.items())
    targets = (
        Target("up with nothing to do, median < 0.4 s", LIMIT, ours.median),
        Target("times faster than Ansible >= 12", TIMES, ansible.median / ours.median, True),
        Target("status, median < 0.5 s", 0.5, status.median),
    )
    notes = (
        "the playbook gathers no facts and looks at less than `up`: see playbook.yml",
        "pipelining is off in Ansible unless somebody turns it on",
    )
    return Measured("noop", (ours, ansible, pipelined, status), targets, notes)


def _contenders(place: Place) -> dict[str, Any]:
    playbook = _playbook(place)
    piped = {**place.environ, "ANSIBLE_PIPELINING": "1"}
    return {
        OURS: partial(seconds, (TOOL, "up"), place.environ),
        ANSIBLE: partial(_unchanged, playbook, place.environ),
        PIPELINED: partial(_unchanged, playbook, piped),
        "mlops-bootstrap status": partial(seconds, (TOOL, "status"), place.environ),
    }


def _playbook(place: Place) -> tuple[str, ...]:
    """The command line; run once before, so that its own block is in the rc file."""
    session = place.session()
    blueprint, paths = session.blueprint, session.view.paths
    course, runtime = blueprint.loaded.course, blueprint.runtime
    compose = course.binaries[0]
    values = {
        "docker_socket": str(session.view.engine.socket),
        "compose_url": blueprint.source.url(compose.url_for(this_arch())),
        "compose_file": str(paths.bin / compose.name),
        "compose_sha256": compose.sha256[this_arch()],
        "repository_url": blueprint.source.url(course.repository.url),
        "repository_folder": str(course.repository.folder(paths.home)),
        "repository_commit": course.repository.commit,
        "rc_file": str(paths.home / ".bashrc"),
        "rc_block": f'export PATH="{paths.bin}:$PATH"',
        "health_urls": [
            runtime.url(name) + (course.services[name].health or "/") for name in runtime.ports
        ],
    }
    argv = ("ansible-playbook", "--inventory", "localhost,", str(PLAYBOOK),
            "--extra-vars", json.dumps(values))  # fmt: skip
    seconds(argv, place.environ)
    return argv


def _unchanged(argv: tuple[str, ...], environ: Mapping[str, str]) -> float:
    """Time the playbook; one that changes something is no measurement."""
    log = Path(environ["HOME"]) / "ansible.log"
    took = seconds(argv, {**environ, "ANSIBLE_LOG_PATH": str(log)})
    recap = subprocess.run(("tail", "-3", str(log)), capture_output=True, text=True, check=True)
    if "changed=0" not in recap.stdout or "ok=6" not in recap.stdout:
        raise RunError(f"the playbook changed something:\n{log.read_text()[-3000:]}")
    return took
