"""action.yml is what GitHub takes, pinned, and free of what a user writes where a shell reads."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from bootstrap.course.load import load_course
from bootstrap.course.locate import shipped_courses
from bootstrap.course.locks import environment_digest
from bootstrap.export import github_action
from tests.relocked import relocked, requirements_of, without

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "action.yml").read_text()
ACTION: dict[str, Any] = yaml.safe_load(TEXT)
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCRIPTS = {step["name"]: step for step in STEPS if "run" in step}
PAGE = (ROOT / "docs" / "action.md").read_text()
ZOOMCAMP = shipped_courses()["mlops-zoomcamp"]


def script_of(step: dict[str, Any]) -> Path:
    """The file that a step runs, which is all it does."""
    called = re.fullmatch(r'"\$GITHUB_ACTION_PATH/(scripts/action/[\w-]+\.sh)"', step["run"])
    assert called, step["run"]
    return ROOT / called[1]


def test_it_is_valid_by_the_published_schema() -> None:
    schema = json.loads((ROOT / "tests" / "schemas" / "github-action.json").read_text())
    validator = Draft7Validator(schema)
    validator.validate(ACTION)
    with pytest.raises(ValidationError):
        validator.validate({**ACTION, "runs": {"using": "composite", "steps": [{"run": "true"}]}})


def test_every_action_is_pinned_by_a_commit_in_full_and_says_its_version() -> None:
    pinned = re.findall(r"uses: ([\w./-]+@[0-9a-f]{40}) # v\d+\.\d+\.\d+$", TEXT, re.MULTILINE)
    assert pinned == [step["uses"] for step in STEPS if "uses" in step]
    assert len({one.partition("@")[2] for one in pinned if one.startswith("actions/cache/")}) == 1
    assert github_action.UPLOAD in pinned


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_a_file_and_reads_what_it_is_given(name: str) -> None:
    step = SCRIPTS[name]
    script = script_of(step)
    assert os.access(script, os.X_OK)
    assert step["shell"] == "bash"
    for variable in step.get("env", {}):
        assert f'"${variable}"' in script.read_text()


def test_every_input_is_used_and_every_output_comes_from_a_script() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", TEXT))
    assert used == ACTION["inputs"].keys()
    identified = {step["id"]: step for step in STEPS if "id" in step}
    for step, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", TEXT):
        if "run" in identified[step]:
            assert f'echo "{output}=' in script_of(identified[step]).read_text()


def test_the_page_describes_every_input_with_its_default_and_every_output() -> None:
    tables = {"inputs": PAGE.partition("| output |")[0], "outputs": PAGE.partition("| output |")[2]}
    for kind, table in tables.items():
        rows = dict(re.findall(r"^\| `([\w-]+)` \|(.*)\|$", table, re.MULTILINE))
        assert rows.keys() == ACTION[kind].keys()
        for name, described in ACTION[kind].items():
            assert described.get("default", "") in rows[name]


def named(course: Path, folder: Path) -> dict[str, str]:
    """What name-cache.sh gives for a course."""
    folder.mkdir(exist_ok=True)
    output = folder / "output"
    output.touch()
    variables = {
        **os.environ,
        "COURSE": str(course),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_OUTPUT": str(output),
        "HOME": str(folder),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "RUNNER_ARCH": "X64",
        "RUNNER_OS": "Linux",
    }
    variables.pop("XDG_CACHE_HOME", None)
    script = ROOT / "scripts" / "action" / "name-cache.sh"
    subprocess.run([script], env=variables, check=True, capture_output=True, timeout=60)
    return dict(line.split("=", 1) for line in output.read_text().splitlines())


def test_the_cache_is_named_after_machine_locks_and_tool(tmp_path: Path) -> None:
    given = named(ZOOMCAMP, tmp_path / "home")
    loaded = load_course(ZOOMCAMP)
    assert given["digest"] == environment_digest(loaded.conda_lock, loaded.requirements)
    assert re.fullmatch(
        rf"mlops-bootstrap-Linux-X64-{given['digest']}-[0-9a-f]{{12}}", given["key"]
    )
    assert given["path"] == str(tmp_path / "home" / ".cache" / "mlops-bootstrap")


def test_another_lock_has_another_cache(tmp_path: Path) -> None:
    lock = requirements_of(ZOOMCAMP)
    same = relocked(ZOOMCAMP, tmp_path / "same", lock)
    other = relocked(ZOOMCAMP, tmp_path / "other", without(lock, "mlflow"))
    keys = [named(one, tmp_path / "home")["key"] for one in (ZOOMCAMP, same, other)]
    assert keys[0] == keys[1] != keys[2]


def test_a_course_that_is_not_there_gives_no_name(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        named(tmp_path / "nowhere", tmp_path / "home")
    assert "E-COURSE-MISSING" in failed.value.stderr.decode()


def check(outcome: str, **more: str) -> dict[str, str]:
    said = {"code": "tools.compose", "found": "none", "wanted": "", "remedy": ""}
    return {**said, "outcome": outcome, **more}


def summary(*checks: dict[str, str]) -> str:
    script = runpy.run_path(str(ROOT / "scripts" / "action" / "summary.py"))
    counts = {name: sum(c["outcome"] == name for c in checks) for name in ("passed", "failed")}
    course = {"title": "A | course", "lock": "0" * 64}
    made: str = script["summary"]({"counts": counts, "course": course, "checks": checks})
    return made


def test_the_summary_shows_what_is_amiss_the_most_pressing_first() -> None:
    said = summary(check("warning"), check("passed"), check("failed", remedy="mlops-bootstrap up"))
    head, *_, failed, warning = said.splitlines()
    assert head == "### A &#124; course: 1 passed, 1 failed"
    assert failed.startswith("| failed | <code>tools.compose</code> | none |")
    assert failed.endswith("| <code>mlops-bootstrap up</code> |")
    assert warning.startswith("| warning |")
    assert "|" not in summary(check("passed"))


def test_what_is_found_is_text_in_the_summary() -> None:
    said = summary(check("failed", found="<img src=x> | `a`\n::error::[b](c)"))
    assert "<img" not in said
    assert len(said.splitlines()) == len(summary(check("failed")).splitlines())
    assert "&lt;img src=x&gt; &#124; &#96;a&#96;<br>::error::&#91;b&#93;(c)" in said
