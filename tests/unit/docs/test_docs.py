"""The pages say what the code does, as far as that can be told without running it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import click
import pytest
import yaml

from bootstrap.cli.converge import UNMET
from bootstrap.cli.main import COMMANDS
from bootstrap.cli.plan import DRIFT
from bootstrap.cli.status import NOT_HEALTHY
from bootstrap.core import errors
from bootstrap.course.load import load_course, read_course
from bootstrap.course.model import Course

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def rows(text: str) -> dict[str, str]:
    """The first column of every table, and the rest of its row."""
    found = re.findall(r"^\| ([^|]+?) \|(.*)\|$", text, re.MULTILINE)
    return {first.strip("`"): rest for first, rest in found}


def commands() -> dict[str, click.Command]:
    """Every command by the words that call it, sub-commands too: `lock prove`."""
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = importlib.import_module(f"bootstrap.cli.{name}").command
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {sub}": below for sub, below in command.commands.items()}
    return found


def options_of(command: click.Command) -> set[str]:
    return {o for p in command.params for o in p.opts if o.startswith("--")}


@pytest.mark.parametrize("name", commands())
def test_the_readme_names_every_command_and_its_options(name: str) -> None:
    calls = ((re.match(r"[a-z]+( [a-z]+)*", key), rest) for key, rest in rows(README).items())
    described = {call[0]: rest for call, rest in calls if call}
    assert name in described, f"README.md has no row for `{name}`"
    said = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", described[name]))
    assert said == options_of(commands()[name]) - {"--course", "--json"}


@pytest.mark.parametrize("name", commands())
def test_the_readme_says_which_commands_know_course_and_json(name: str) -> None:
    options = options_of(commands()[name])
    for option in ("--course", "--json"):
        (names,) = re.findall(rf"^`{option}.*? is known to (.*)\.$", README, re.MULTILINE)
        assert (f"`{name}`" in names) == (option in options), option


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_page_is_linked_from_the_readme() -> None:
    linked = set(re.findall(r"\]\(docs/([^)#]+)", README))
    assert {page.name for page in PAGES if page.parent.name == "docs"} <= linked


def test_the_exit_codes_are_those_of_the_code() -> None:
    table = rows((ROOT / "docs" / "exit-codes.md").read_text())
    classes = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    raised = {kind.exit_code for kind in classes if issubclass(kind, errors.BootstrapError)}
    known = {0, DRIFT, UNMET, NOT_HEALTHY, *raised, 128 + 2, 128 + 13, 128 + 15}
    assert {int(code) for code in table if code.isdigit()} == known


def example(page: str, language: str) -> str:
    (found,) = re.findall(
        rf"```{language}\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL
    )
    return str(found)


def test_the_example_of_a_course_file_is_one(tmp_path: Path) -> None:
    example_course = example("course-file.md", "yaml")
    (tmp_path / "course.yml").write_text(example_course)
    for part in yaml.safe_load(example_course)["environment"].values():
        (tmp_path / part["lock"]).touch()
    loaded = load_course(tmp_path / "course.yml")
    assert {"base", "postgres"} <= loaded.course.images.keys()


def test_the_examples_for_who_writes_a_course(tmp_path: Path) -> None:
    data, lessons = (example("write-a-course.md", language) for language in ("yaml", "python"))
    (tmp_path / "course.yml").write_text(example("course-file.md", "yaml") + data)
    assert read_course(tmp_path / "course.yml").course.data.keys() == {"trips"}
    assert compile(lessons, "lessons.py", "exec")


def test_every_key_of_a_course_file_is_described() -> None:
    assert Course.model_fields.keys() <= rows((ROOT / "docs" / "course-file.md").read_text()).keys()
