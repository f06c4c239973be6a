from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap.core.errors import BootstrapError
from bootstrap.course.model import Binary
from bootstrap.host.host import Host, this_machine
from bootstrap.sources.source import Source
from bootstrap.steps.binary import PinnedBinary
from tests.unit.jobs import RecordedJob
from tests.unit.lab.fronts import running

CONTENT = b"#!/bin/sh\necho pinned\n"
NAME = "docker-tool"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return this_machine({**os.environ, "HOME": str(tmp_path / "home")})[1]


@pytest.fixture
def step(tmp_path: Path) -> Iterator[PinnedBinary]:
    served = tmp_path / "root" / "host.example" / "tool"
    served.parent.mkdir(parents=True)
    served.write_bytes(CONTENT)
    binary = Binary.model_validate(
        {
            "name": NAME,
            "version": "1.2.3",
            "url": "https://host.example/tool",
            "sha256": {"x86_64": hashlib.sha256(CONTENT).hexdigest()},
            "destination": ["bin", "docker-plugin"],
        }
    )
    with running(tmp_path / "root") as front:
        yield PinnedBinary(binary, "x86_64", Source(front.url))


def converge(step: PinnedBinary, host: Host) -> RecordedJob:
    job = RecordedJob()
    assert not step.observe(host).satisfied
    step.apply(host, job)
    assert step.observe(host).satisfied, step.observe(host).found
    assert (host.paths.bin / NAME).read_bytes() == CONTENT
    assert os.access(host.paths.bin / NAME, os.X_OK)
    assert (host.paths.docker_plugins / NAME).samefile(host.paths.bin / NAME)
    return job


def test_a_binary_is_brought_and_made_a_plugin(step: PinnedBinary, host: Host) -> None:
    assert step.observe(host).found == "absent"
    converge(step, host)


def test_another_file_is_replaced(step: PinnedBinary, host: Host) -> None:
    host.paths.bin.mkdir(parents=True)
    (host.paths.bin / NAME).write_text("something else")
    assert step.observe(host).found == "another version"
    converge(step, host)


def test_a_binary_that_may_not_run_is_mended(step: PinnedBinary, host: Host) -> None:
    converge(step, host)
    (host.paths.bin / NAME).chmod(0o644)
    assert step.observe(host).found == "not executable"
    converge(step, host)


def test_a_plugin_of_the_user_is_kept(step: PinnedBinary, host: Host) -> None:
    plugin = host.paths.docker_plugins / NAME
    plugin.parent.mkdir(parents=True)
    plugin.write_text("mine")
    job = converge(step, host)
    kept = plugin.with_name(f"{NAME}.before-mlops-bootstrap")
    assert kept.read_text() == "mine"
    assert str(kept) in job.notes[-1]
    plugin.unlink()
    plugin.write_text("mine too")
    with pytest.raises(BootstrapError, match="E-PLUGIN-KEPT"):
        step.apply(host, job)
    assert (kept.read_text(), plugin.read_text()) == ("mine", "mine too")


@pytest.mark.parametrize("target", ["/nowhere/at/all", "/bin/sh"])
def test_a_link_elsewhere_is_replaced(step: PinnedBinary, host: Host, target: str) -> None:
    plugin = host.paths.docker_plugins / NAME
    for link in (plugin, host.paths.bin / NAME):
        link.parent.mkdir(parents=True)
        link.symlink_to(target)
    before = Path("/bin/sh").stat()
    converge(step, host)
    assert Path("/bin/sh").stat() == before


def test_a_folder_in_the_way_is_a_coded_error(step: PinnedBinary, host: Host) -> None:
    (host.paths.bin / NAME / "x").mkdir(parents=True)
    with pytest.raises(BootstrapError) as caught:
        step.apply(host, RecordedJob())
    assert caught.value.code == "E-WRITE"
