"""Results to show, made by hand."""

from __future__ import annotations

from dataclasses import dataclass

from bootstrap.core.plan import Change, Plan
from bootstrap.core.step import Job, Observation, Step
from bootstrap.report.text import Service, Status, Summary


@dataclass(frozen=True)
class Differs:
    """As bootstrap.generation.contents.Difference."""

    package: str
    kind: str
    found: str
    wanted: str


class Named(Step[None, None]):
    def __init__(self, name: str, title: str, *requires: str) -> None:
        self.name, self.title, self.requires = name, title, frozenset(requires)

    def observe(self, view: None) -> Observation:
        raise NotImplementedError

    def apply(self, host: None, job: Job) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Found:
    """As bootstrap.preflight.Problem."""

    code: str
    what: str
    where: str
    remedy: str
    fatal: bool


DISK = Found("E-DISK", "12.0 GB free, 20.0 GB needed", "/home", "make room", fatal=True)
CLOCK = Found("W-CLOCK", "the clock is 4 min off", "", "sudo timedatectl set-ntp on", fatal=False)

STEPS = (
    Named("packages", "System packages"),
    Named("docker-engine", "Docker Engine", "packages"),
    Named("image", "Course image", "docker-engine"),
)

PLAN: Plan[None, None] = Plan(
    STEPS,
    (
        Change("docker-engine", "Docker Engine", "not installed", "28.2.2"),
        Change("image", "Course image", "", "sha256:77ab", "docker-engine"),
    ),
    {
        "packages": Observation(satisfied=True, found="git 2.43", wanted="git"),
        "docker-engine": Observation(satisfied=False, found="not installed", wanted="28.2.2"),
        "image": Observation(satisfied=False, found="none", wanted="sha256:77ab"),
    },
)

NO_CHANGES: Plan[None, None] = Plan(
    STEPS[:1], (), {"packages": Observation(satisfied=True, found="git 2.43", wanted="git")}
)

SUMMARY = Summary(
    addresses=(("MLflow", "http://127.0.0.1:5000"), ("Prefect", "http://127.0.0.1:4200")),
    activate="mlops-bootstrap shell",
    todo=("log in again, so that your shell may use Docker",),
    seconds=64.4444,
)

STATUS = Status(
    course="mlops-zoomcamp",
    lock_digest="4be1c0ffee12",
    environment="/home/s/.local/share/mlops-bootstrap/envs/mlops-zoomcamp-4be1",
    environment_state="complete, 292 packages",
    engine="28.2.2 answers",
    repository="at 9f3c2d1",
    services=(
        Service("mlflow", "running", True, "http://127.0.0.1:5000"),
        Service("prefect", "running", False, "http://127.0.0.1:4200"),
        Service("postgres", "exited", False),
    ),
)

DRIFT = (
    Differs("cowsay", "wheel", "6.1", ""),
    Differs("numpy", "wheel", "1.26.3", "1.26.4"),
    Differs("openssl", "conda", "", "3.0.19-h1_0"),
)
