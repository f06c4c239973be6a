"""Exports used for real: an image is run, a machine boots from user data, CI's scripts run.

The image has fewer wheels than the course, and the machine's `up` is told of a mirror that is not
there: downloads and a whole `up` are what other tests are about.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from bootstrap.cli.main import call
from bootstrap.course.condalock import read_conda_lock
from bootstrap.course.load import load_course
from bootstrap.course.requirements import read_requirements
from tests.e2e import buildkit
from tests.e2e.fresh_student import HOME, ROOT
from tests.lab import LabFiles, LabServer
from tests.lab.cache import default_cache
from tests.lab.engine import Engine
from tests.lab.fresh_host import FreshHost, fresh_host
from tests.relocked import closure, relocked, requirements_of

pytestmark = [
    pytest.mark.lab, pytest.mark.engine, pytest.mark.machine, pytest.mark.timeout(1200)
]  # fmt: skip

IMAGE = "exported"
NOWHERE = "http://127.0.0.1:9"
COURSES = "/usr/local/share/mlops-bootstrap/mlops-zoomcamp"
SEED = "/var/lib/cloud/seed/nocloud"
STAGES = ("init --local", "init", "modules --mode=config", "modules --mode=final")
NO_CLOUD = """\
datasource_list: [NoCloud]
network: {config: disabled}
output: {all: '>> /var/log/cloud-init-output.log'}
"""
INSTALLED = """
import importlib.metadata as m, json, mlflow, prefect, numpy, sys, pathlib
conda = [json.loads(p.read_text()) for p in pathlib.Path(sys.prefix, "conda-meta").glob("*.json")]
print(json.dumps({
    "wheels": sorted([d.name.lower().replace("_", "-").replace(".", "-"), d.version]
        for d in m.distributions()),
    "conda": sorted([p["name"], p["sha256"]] for p in conda),
    "compiled": pathlib.Path(prefect.__cached__).is_file(),
}))
"""


def exported(*arguments: str) -> None:
    assert call(["export", "--platform", "linux-64", *arguments]) == 0


@pytest.fixture(scope="module")
def course(lab: LabFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's course with a part of its wheels."""
    lock = closure(requirements_of(lab.course_path), "mlflow-skinny", "prefect", "numpy")
    return relocked(lab.course_path, tmp_path_factory.mktemp("export") / "course", lock)


@pytest.fixture(scope="module")
def options(course: Path, lab_server: LabServer) -> tuple[str, ...]:
    """What a build is told: the lab instead of conda-forge and Docker Hub."""
    base = load_course(course).course.images["base"]
    registry = f"{lab_server.host}:{lab_server.port}"
    source = ("--build-arg", f"SOURCE={lab_server.url}")
    return (*source, "--build-arg", f"BASE={registry}/{base.pinned}")


@pytest.fixture(scope="module")
def image(
    course: Path,
    options: tuple[str, ...],
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    folder = tmp_path_factory.mktemp("image")
    exported("dockerfile", "--course", str(course), "--output", str(folder / "Dockerfile"))
    buildkit.build(engine, folder, IMAGE, *options)
    return IMAGE


def test_the_image_holds_what_the_locks_hold(image: str, course: Path, engine: Engine) -> None:
    found = json.loads(buildkit.run(engine, image, "python", "-c", INSTALLED))
    loaded = load_course(course)
    pins = read_requirements(loaded.requirements)
    conda = read_conda_lock(loaded.conda_lock, "linux-64")
    assert found["wheels"] == sorted([p.name, p.version] for p in pins)
    assert found["conda"] == sorted([p.name, p.sha256] for p in conda)
    assert found["compiled"]
    assert "version 3" in buildkit.run(engine, image, "mlflow", "--version")
    assert buildkit.run(engine, image, "prefect", "--version").strip()


def test_the_image_has_a_user_and_nothing_that_installs(image: str, engine: Engine) -> None:
    script = "id -un; touch /opt/mlops-zoomcamp/x 2>&1; ls -A /tmp; command -v gcc cc uv"
    said = buildkit.run(engine, image, "sh", "-c", f"{script}; true").splitlines()
    assert said[0] == "student"
    assert "Permission denied" in said[1]
    assert said[2:] == []
    with_tools = "import importlib.util as u; print(u.find_spec('rattler'), u.find_spec('uv'))"
    assert buildkit.run(engine, image, "python", "-c", with_tools) == "None None\n"
    with closing(engine.client()) as client:
        made = client.images.get(image)
        history = json.dumps(made.history())
    labels = made.labels
    assert labels["org.opencontainers.image.source"].endswith("/mlops-zoomcamp.git")
    assert len(labels["org.opencontainers.image.revision"]) == 40
    assert labels["mlops-bootstrap.locks"].startswith("sha256:")
    assert "ca.pem" not in history
    assert "SOURCE=" not in history


def test_the_devcontainer_is_the_image_with_git(
    image: str,
    course: Path,
    options: tuple[str, ...],
    engine: Engine,
    tmp_path: Path,
) -> None:
    exported("devcontainer", "--course", str(course), "--output", str(tmp_path))
    described = (tmp_path / "devcontainer.json").read_text()
    user = re.search(r'"remoteUser": "(\w+)"', described)
    log = buildkit.build(engine, tmp_path, "devcontainer", *options)
    assert "CACHED" in log  # nothing is installed a second time
    said = buildkit.run(engine, "devcontainer", "sh", "-c", "id -un; git --version; which python")
    who, git, python = said.splitlines()
    assert user
    assert who == user[1]
    assert git.startswith("git version")
    assert f'"{python}"' in described


@dataclass(frozen=True)
class Tool:
    """The tool of this checkout as a repository, at its only commit."""

    repository: Path
    commit: str


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Tool:
    folder = tmp_path_factory.mktemp("tool")
    repository = folder / "tool.git"
    # The files as they are now, whatever of them is committed.
    git = ["git", "-C", str(ROOT), "--work-tree", str(ROOT)]
    made = {"GIT_INDEX_FILE": str(folder / "index"), **IDENTITY}
    run([*git, "read-tree", "HEAD"], made)
    run([*git, "add", "--all", "."], made)
    tree = run([*git, "write-tree"], made)
    commit = run([*git, "commit-tree", "-m", "The tool", tree], made)
    run(["git", "init", "--quiet", "--bare", str(repository)], {})
    run([*git, "push", "--quiet", str(repository), f"{commit}:refs/heads/main"], made)
    return Tool(repository, commit)


IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "test"), ("EMAIL", "test@example.org"))
}


def run(argv: list[str], variables: dict[str, str]) -> str:
    environment = {**os.environ, **variables}
    done = subprocess.run(
        argv, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.strip()


@dataclass(frozen=True)
class Booted:
    host: FreshHost
    origin: str
    log: str


@pytest.fixture(scope="module")
def booted(
    course: Path, tool: Tool, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Booted]:
    """A fresh machine after cloud-init went through its stages with the exported user data."""
    folder = tmp_path_factory.mktemp("seed")
    origin = f"file://{HOME}/tool.git@{tool.commit}"
    data = folder / "user-data"
    exported("cloud-init", "--course", str(course), "--tool", origin, "--output", str(data))
    (folder / "meta-data").write_text("instance-id: lab-1\n")
    (folder / "99-lab.cfg").write_text(NO_CLOUD)
    with fresh_host(engine, default_cache(), name_suffix="exported") as host:
        install = "apt-get update -qq && apt-get install -y -qq --no-install-recommends cloud-init"
        root(host, f"{install} && echo MLOPS_BOOTSTRAP_SOURCE={NOWHERE} >> /etc/environment")
        host.copy_in(tool.repository, f"{HOME}/tool.git")
        root(host, f"mkdir -p {Path(SEED).parent}")
        host.copy_in(folder, SEED, user="root")
        root(host, f"mv {SEED}/99-lab.cfg /etc/cloud/cloud.cfg.d/")
        for stage in STAGES:
            root(host, f"cloud-init {stage}", check=False)
        yield Booted(host, origin, root(host, "cat /var/log/cloud-init-output.log"))


def root(host: FreshHost, script: str, *, check: bool = True) -> str:
    return host.run(["bash", "-c", script], user="root", timeout=600, check=check).stdout


def test_cloud_init_itself_takes_the_user_data(booted: Booted) -> None:
    place = f"{SEED}/user-data"
    assert "Valid" in root(booted.host, f"cloud-init schema --config-file {place}")
    root(booted.host, f"sed 's/^package_update: true/package_update: often/' {place} > /tmp/wrong")
    check = "cloud-init schema --config-file /tmp/wrong 2>&1"
    assert "package_update" in root(booted.host, check, check=False)


def test_a_machine_that_booted_from_user_data_has_tool_and_course(
    booted: Booted, course: Path
) -> None:
    # `up` was reached, as the first user, and said what stands in its way.
    assert "E-HOST-UNREACHABLE" in booted.log, booted.log[-3000:]
    owner = booted.host.run(["stat", "-c", "%U", f"{HOME}/.local/lib/mlops-bootstrap"]).stdout
    assert owner.strip() == "student"
    for path in course.parent.glob("*lock*.yml"):
        assert booted.host.run(["cat", f"{COURSES}/{path.name}"]).stdout == path.read_text()
    line = f"mlops-bootstrap export requirements --course {COURSES}/lab-course.yml"
    said = booted.host.run(["bash", "-lc", line], login=True).stdout
    assert "prefect==" in said


def test_the_scripts_of_ci_install_bring_up_and_verify(
    booted: Booted, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course.parent)
    options = ("--course", course.name, "--tool", booted.origin)
    for target, steps in (("github-action", github_steps), ("gitlab-ci", gitlab_steps)):
        file = tmp_path / target
        exported(target, *options, "--output", str(file))
        work = f"{HOME}/{target}"
        booted.host.copy_in(course.parent, work)
        outcomes = run_job(booted.host, work, *steps(yaml.safe_load(file.read_text())))
        report = json.loads(booted.host.run(["cat", f"{work}/mlops-bootstrap-report.json"]).stdout)
        assert report["course"]["name"] == "mlops-zoomcamp"
        assert outcomes[0] == 0
        assert outcomes[-1] in {1, 3}  # nothing is installed, and `verify` says so


def github_steps(workflow: dict) -> tuple[dict[str, str], list[str]]:
    job = workflow["jobs"]["verify"]
    return job["env"], [step["run"] for step in job["steps"] if "run" in step]


def gitlab_steps(pipeline: dict) -> tuple[dict[str, str], list[str]]:
    # Its script is one: taken apart where `up` is, which fails here.
    (script,) = pipeline["verify"]["script"]
    before, up, verify = script.partition("mlops-bootstrap up")
    line, _, after = verify.partition("\n")
    path = before[before.index('export PATH="$HOME') :]
    return pipeline["verify"]["variables"], [before, f"{path}{up}{line}\n", f"{path}{after}"]


def run_job(host: FreshHost, work: str, variables: dict[str, str], steps: list[str]) -> list[int]:
    """Run the steps of a job each in a shell of its own; gives their exit codes."""
    given = {**variables, "CI_PROJECT_DIR": work, "GITHUB_PATH": f"{work}/path"}
    given |= {"PATH": f"{HOME}/.local/bin:/usr/local/bin:/usr/bin:/bin"}
    codes = []
    for step in steps:
        argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", f"cd {work}\n{step}"]
        codes.append(host.run(argv, env=given, timeout=600, check=False).returncode)
    return codes
