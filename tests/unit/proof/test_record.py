"""The shape that other programs rely on: a change here is a new version."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bootstrap import __version__
from bootstrap.core.errors import BootstrapError, UsageError
from bootstrap.core.step import Job
from bootstrap.course.load import LoadedCourse
from bootstrap.host.facts import read_machine
from bootstrap.host.host import Host
from bootstrap.proof import record
from bootstrap.proof.imports import Imports
from bootstrap.proof.trial import Evidence, Trial
from bootstrap.proof.workplace import Workplace
from bootstrap.sources.source import Source
from tests.unit.jobs import RecordedJob

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class Counted(Trial):
    name = "counted"
    title = "Counted"

    def prove(self, host: Host, job: Job) -> Evidence:
        return Evidence("3 things", {"things": 3})


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_shape(loaded: LoadedCourse, place: Workplace, host: Host) -> None:
    trial = Counted()
    trial.apply(host, RecordedJob())
    trial.seconds = 1.26
    source = Source("http://user:geheim@mirror.example:8080")
    machine = dataclasses.replace(
        read_machine(), pretty_name="Debian 12", arch="x86_64", glibc="2.36"
    )
    made = record.Record(
        loaded, place.generation, source, machine, NOW, [trial, Counted()], {"mlflow": "3.13.0"}
    )
    told = json.loads(json.dumps(made.as_json()))
    packages = told["conda"].pop("packages")
    assert packages["python"] == place.generation.python
    assert len(packages) == len(place.generation.conda)
    assert told == {
        "version": 1,
        "kind": "proof",
        "date": "2026-11-25T12:00:00+00:00",
        "tool": __version__,
        "course": "mlops-zoomcamp",
        "environment": place.generation.digest,
        "locks": {
            "conda-lock.yml": sha256(loaded.conda_lock),
            "requirements.txt": sha256(loaded.requirements),
        },
        "platform": {
            "system": "Debian 12",
            "arch": "x86_64",
            "glibc": "2.36",
            "python": place.generation.python,
        },
        "conda": {
            "source": "http://mirror.example:8080",
            "channels": ["https://conda.anaconda.org/conda-forge"],
        },
        "proven": [{"step": "counted", "seconds": 1.3, "found": "3 things", "things": 3}],
        "packages": {"mlflow": "3.13.0"},
    }


def test_it_comes_last_and_replaces_an_older_one(
    loaded: LoadedCourse, place: Workplace, host: Host, tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    file.write_text('{"date": "before"}')
    imports = Imports(place)
    imports.versions, imports.evidence = {"mlflow": "3.13.0"}, Evidence("imported")
    trials = (imports, Counted())
    step = record.Recording(loaded, place.generation, Source(), trials, file)
    assert step.requires == {"imports", "counted"}
    assert not step.observe(host).satisfied
    assert record.older(file) == "before"
    step.apply(host, RecordedJob())
    assert step.observe(host).satisfied
    assert json.loads(file.read_text())["packages"] == {"mlflow": "3.13.0"}
    assert record.older(file).startswith("20")


@pytest.mark.parametrize("place_of_it", ["absent/proof.json", "."])
def test_what_cannot_be_written_is_said_before_anything_begins(
    tmp_path: Path, place_of_it: str
) -> None:
    with pytest.raises(UsageError) as caught:
        record.check_writable(tmp_path / place_of_it)
    assert caught.value.code == "E-PROOF-OUTPUT"
    assert "--output" in caught.value.remedy
    record.check_writable(tmp_path / "proof.json")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff"])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "proof.json"
    assert record.older(file) == ""
    file.write_bytes(content)
    assert record.older(file) == ""


def test_what_was_not_tried_is_not_proven(host: Host) -> None:
    class Failing(Counted):
        def prove(self, host: Host, job: Job) -> Evidence:
            raise BootstrapError("E-PROOF-IMPORTS", "no")

    step = Failing()
    with pytest.raises(BootstrapError):
        step.apply(host, RecordedJob())
    assert not step.observe(host).satisfied
