"""The pages for who needs help name what there is: codes, commands, files of the bundle."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from bootstrap.cli.main import COMMANDS
from bootstrap.report.catalogue import CATALOGUE
from bootstrap.support.bundle import CONTENTS
from bootstrap.support.parts import LOG_LINES, PARTS, RUNS
from bootstrap.verify.check import Area

DOCS = Path(__file__).parents[3] / "docs"
TROUBLESHOOTING = (DOCS / "troubleshooting.md").read_text()
DIAGNOSE = (DOCS / "diagnose.md").read_text()
TABLES = [row.replace("\\|", "") for row in TROUBLESHOOTING.splitlines() if row.startswith("| ")]
CODE = re.compile(rf"[EW]-[A-Z-]+|(?:{'|'.join(Area)})\.[a-z-]+")


def test_every_code_that_it_names_is_in_the_catalogue() -> None:
    told_by = {code for row in TABLES for code in re.findall(r"`([^`]+)`", row.split("|")[3])}
    named = {word for word in re.findall(r"`([^`]+)`", TROUBLESHOOTING) if CODE.fullmatch(word)}
    assert len(named) > 30
    assert told_by == named
    missing = sorted(named - CATALOGUE.keys())
    assert not missing, f"no such codes: {', '.join(missing)}"


def test_every_row_says_what_to_type() -> None:
    for row in TABLES:
        see, kind, _ = (cell.strip() for cell in row.strip("|").split("|"))
        assert see, row
        assert kind, row


@pytest.mark.parametrize("page", ["troubleshooting.md", "diagnose.md"])
def test_every_command_that_it_names_is_one(page: str) -> None:
    calls = re.findall(r"mlops-bootstrap ([a-z]+)([^`\n]*)", (DOCS / page).read_text())
    assert calls
    for name, rest in calls:
        assert name in COMMANDS
        command = importlib.import_module(f"bootstrap.cli.{name}").command
        known = {option for param in command.params for option in param.opts}
        ours = rest.partition(" -- ")[0]
        assert set(re.findall(r"--[a-z-]+", ours)) <= known, (name, rest)


def test_the_page_lists_the_files_of_the_bundle() -> None:
    listed = re.findall(r"^\| `([a-z/.]+)` \|", DIAGNOSE, re.MULTILINE)
    assert listed == [CONTENTS, *(part.name for part in PARTS)]
    assert f"the last {RUNS} runs" in DIAGNOSE
    assert f"the last {LOG_LINES} lines" in DIAGNOSE
