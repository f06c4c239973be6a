"""Decisions about an environment: real files, a real Python in it, and a real bash."""

from __future__ import annotations

import os
import shlex
import shutil
import venv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.generation.files import Damage
from bootstrap.verify.areas.environment import CHECKS
from bootstrap.verify.areas.pipelines import CHECKS as PIPELINES
from bootstrap.verify.check import Finding, Outcome
from bootstrap.verify.folders import MOST, walk
from bootstrap.verify.reinstall import reinstall
from bootstrap.verify.students_bash import StudentsBash
from bootstrap.verify.subject import Subject
from tests.unit.jobs import RecordedJob
from tests.unit.machine.conftest import Home, home

__all__ = ["home"]

LOOKS = {check.code: check.look for check in (*CHECKS, *PIPELINES)}


@pytest.fixture
def subject(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Subject:
    """A machine with an environment as its metadata tells of it, and a Python in it."""
    home.install()
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [n for n in os.environ if n.startswith(("PIP_", "PYTHON", "CONDA", "VIRTUAL"))]:
        monkeypatch.delenv(name)
    blueprint = home.draw(runtime="native")
    (tmp_path / "scratch").mkdir()
    made = Subject(blueprint, home.host, home.host, tmp_path / "scratch", Cancel())
    venv.create(made.prefix, symlinks=True)
    next(s for s in blueprint.steps if s.name == "shell").apply(home.host, RecordedJob())
    module(made.generation.site_packages, "mlflow")
    return made


def module(folder: Path, name: str) -> Path:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "__init__.py").touch()
    return folder / name


def look(code: str, subject: Subject) -> Finding:
    return LOOKS[code](subject)


def test_a_whole_environment_passes(subject: Subject) -> None:
    codes = ("installed", "packages", "python", "shadows")
    found = {code: look(f"environment.{code}", subject) for code in codes}
    assert {f.outcome for f in found.values()} == {Outcome.PASSED}, found
    assert "281 wheels" in found["packages"].found


def half(subject: Subject, home: Home) -> None:
    subject.generation.mark_incomplete()


def deleted(subject: Subject, home: Home) -> None:
    shutil.rmtree(subject.prefix)


def another(subject: Subject, home: Home) -> None:
    home.lock_without("seaborn")
    home.install()


NOT_INSTALLED: dict[str, tuple[Callable[[Subject, Home], None], str]] = {
    "half": (half, "half installed"),
    "deleted": (deleted, "not installed"),
    "another": (another, "is in use"),
}


@pytest.mark.parametrize("case", NOT_INSTALLED)
def test_what_is_not_installed(subject: Subject, home: Home, case: str) -> None:
    fault, said = NOT_INSTALLED[case]
    fault(subject, home)
    found = look("environment.installed", subject)
    assert (found.outcome, found.remedy) == (Outcome.FAILED, "mlops-bootstrap up")
    assert said in found.found


def test_drift_is_named(subject: Subject, home: Home) -> None:
    home.add(subject.generation, "by_hand", "2.0")
    added = look("environment.packages", subject)
    assert (added.outcome, added.found) == (Outcome.WARNING, "added by hand: by-hand 2.0")
    assert added.remedy == f"{subject.prefix}/bin/python -m pip uninstall by-hand"
    numpy = next(subject.generation.site_packages.glob("numpy-*.dist-info"))
    locked = numpy.name.removeprefix("numpy-").removesuffix(".dist-info")
    numpy.rename(numpy.with_name("numpy-2.0.0.dist-info"))
    shutil.rmtree(next(subject.generation.site_packages.glob("tqdm-*.dist-info")))
    found = look("environment.packages", replace(subject, _known={}))  # another run looks anew
    assert found.outcome is Outcome.FAILED
    assert f"numpy 2.0.0 instead of {locked}; tqdm " in found.found
    assert found.found.endswith("is gone")


def test_an_environment_without_kfp_runs_no_pipeline(subject: Subject) -> None:
    found = look("pipelines.local", subject)
    assert found.outcome is Outcome.SKIPPED
    assert found.found == "not applicable: the course's environment has no kfp"


RC_LINES = {
    "": (Outcome.PASSED, ""),
    "echo '@python {}'; alias ls='ls -l'": (Outcome.PASSED, ""),
    "alias python=/bin/false": (Outcome.FAILED, "grep -n python "),
    "python() { false; }": (Outcome.FAILED, "grep -n python "),
    "export PYTHONHOME=/nowhere": (Outcome.FAILED, "grep -n PYTHONHOME "),
    "export VIRTUAL_ENV=/home/x/.venv": (Outcome.WARNING, "grep -n VIRTUAL_ENV "),
    "export CONDA_DEFAULT_ENV=base": (Outcome.WARNING, "conda config --set auto_activate"),
    "exit 3": (Outcome.FAILED, ""),
}  # fmt: skip


@pytest.mark.parametrize("line", RC_LINES)
def test_the_python_of_a_bash_with_such_a_line(subject: Subject, line: str) -> None:
    outcome, remedy = RC_LINES[line]
    with (subject.view.paths.home / ".bashrc").open("a") as rc:
        rc.write(f"{line}\n")
    found = look("environment.python", subject)
    assert found.outcome is outcome, found
    assert found.remedy.startswith(remedy)


def test_without_the_file_that_activates_nothing_is_asked(subject: Subject) -> None:
    shutil.rmtree(subject.view.paths.data / "shell")
    assert "activate.sh" in look("environment.python", subject).found


def test_what_a_shell_says_besides_does_not_count() -> None:
    said = StudentsBash.parse(
        "hello\n@other x\n@type python is /a/python\n@PYTHONPATH /x\n@PIP_USER "
    )
    assert said.variables == {"PYTHONPATH": "/x"}
    assert (said.kind, said.prefix, said.path) == ("python is /a/python", "", ())
    assert StudentsBash.parse("").last_line == ""


SHADOWS = {
    "nothing": ("notes.txt", "elsewhere", Outcome.PASSED),
    "a folder without code": ("mlflow/readme.txt", "elsewhere", Outcome.PASSED),
    "a package on PYTHONPATH": ("mlflow/__init__.py", "elsewhere", Outcome.FAILED),
    "a module of Python on PYTHONPATH": ("random.py", "elsewhere", Outcome.FAILED),
    "tests on PYTHONPATH": ("tests/__init__.py", "elsewhere", Outcome.PASSED),
    "a script of a lesson": ("mlflow.py", "mlops-zoomcamp/02-tracking/code", Outcome.WARNING),
    "a script too deep": ("mlflow.py", "mlops-zoomcamp/1/2/3/4", Outcome.PASSED),
    "a script in a venv": ("mlflow.py", "mlops-zoomcamp/.venv/lib", Outcome.PASSED),
    "a script at home": ("mlflow.py", "", Outcome.WARNING),
}


@pytest.mark.parametrize("case", SHADOWS)
def test_what_stands_before_a_module(subject: Subject, case: str) -> None:
    name, folder, outcome = SHADOWS[case]
    home = subject.view.paths.home
    file = home / folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    with (home / ".bashrc").open("a") as rc:
        rc.write(f"export PYTHONPATH={shlex.quote(str(home / 'elsewhere'))}\n")
    found = look("environment.shadows", subject)
    assert found.outcome is outcome, found
    if outcome is not Outcome.PASSED:
        assert str(home / folder) in found.found
    if outcome is Outcome.WARNING:
        assert found.remedy == f"mv {file} {file.with_name('my_mlflow.py')}"


PIP = {
    "": Outcome.PASSED,
    "[global]\nno-cache-dir = true\n": Outcome.PASSED,
    "[install]\nuser = false\n": Outcome.PASSED,
    "[install]\nuser = true\n": Outcome.FAILED,
    "[global]\ntarget = /opt/x\n": Outcome.FAILED,
}


@pytest.mark.parametrize("text", PIP)
def test_where_pip_installs(subject: Subject, text: str) -> None:
    venv.create(subject.prefix, symlinks=True, with_pip=True)
    (subject.view.paths.home / ".config" / "pip").mkdir(parents=True)
    (subject.view.paths.home / ".config" / "pip" / "pip.conf").write_text(text)
    found = look("environment.pip", subject)
    assert found.outcome is PIP[text], found
    if text == "":
        with (subject.view.paths.home / ".bashrc").open("a") as rc:
            rc.write("export PIP_TARGET=/opt/y\n")
        again = Subject(*(getattr(subject, n) for n in ("blueprint", "view", "host", "scratch")),
                        Cancel())  # fmt: skip
        found = look("environment.pip", again)
        assert (found.outcome, "target is '/opt/y'" in found.found) == (Outcome.FAILED, True)
        assert found.remedy.startswith("grep -n PIP_TARGET ")


def damage(*folders: str) -> list[Damage]:
    return [Damage(f"/e/{folder}/f", "was changed", Path("/e") / folder) for folder in folders]


def test_what_is_damaged_is_had_anew_and_not_from_the_cache() -> None:
    said = reinstall(damage("s/Flask-3.1.dist-info", "conda-meta/python-3-h_0.json"),
                     Path("/e"), Path("/c d"))  # fmt: skip
    away, clean, up = said.split(" && ")
    assert away == "rm -r /e/conda-meta/python-3-h_0.json /e/s/Flask-3.1.dist-info"
    assert clean.split(maxsplit=1)[1] == "cache clean --cache-dir '/c d/uv' flask"
    assert up == "mlops-bootstrap up"
    assert "uv" not in reinstall(damage("conda-meta/python-3-h_0.json"), Path("/e"), Path("/c"))


def test_where_much_is_damaged_all_is_had_anew() -> None:
    many = damage(*(f"s/x{number}-1.dist-info" for number in range(20)))
    away, clean, _ = reinstall(many, Path("/e"), Path("/c")).split(" && ")
    assert (away, clean.endswith("/c/uv")) == ("rm -r /e", True)


def test_a_large_folder_does_not_hold_a_check_up(tmp_path: Path) -> None:
    for number in range(MOST + 50):
        (tmp_path / str(number)).mkdir()
    assert len(list(walk(tmp_path, 1))) == MOST
