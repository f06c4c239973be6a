"""What every export promises: the same bytes, everything pinned, no secret; and what lints say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rattler.explicit_environment import ExplicitEnvironmentSpec

from bootstrap.course.requirements import read_requirements
from bootstrap.export import devcontainer
from bootstrap.export.inside import install_conda
from bootstrap.export.subject import Subject
from bootstrap.export.targets import FILES, FOLDERS, TARGETS

PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


def texts(target: str, subject: Subject) -> dict[str, str]:
    if target in FILES:
        return {target: FILES[target](subject)}
    return FOLDERS[target][1](subject)


def lint(tool: str, *arguments: str, text: str) -> str:
    program = shutil.which(tool, path=PATH)
    assert program, f"{tool} is not there"
    argv = [program, *arguments]
    done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("target", TARGETS)
def test_a_file_says_what_made_it_and_is_the_same_each_time(target: str, subject: Subject) -> None:
    made = texts(target, subject)
    for text in made.values():
        assert f"mlops-bootstrap export {target}`" in text[:200]
        assert f"sha256:{subject.digest}" in text[:500]
        assert text.endswith("\n")
        assert not re.search(r"\d{4}-\d\d-\d\d[T ]\d\d:", text)
    assert texts(target, subject) == made


@pytest.mark.parametrize("target", [*TARGETS])
def test_everything_is_pinned(target: str, subject: Subject) -> None:
    for text in texts(target, subject).values():
        for action in re.findall(r"uses: (\S+)", text):
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)
        for image in re.findall(r"^(?:ARG BASE=|  image: )(\S+)", text, re.MULTILINE):
            assert re.fullmatch(r"\S+@sha256:[0-9a-f]{64}", image)


def test_a_password_in_the_address_of_a_channel_is_left_out(shipped: Subject) -> None:
    pins = (replace(p, url=p.url.replace("://", "://me:secret@")) for p in shipped.conda)
    leaky = replace(shipped, conda=tuple(pins))
    assert "secret" in leaky.conda[0].url
    for target in ("dockerfile", "devcontainer", "conda-explicit", "pixi"):
        assert texts(target, leaky) == texts(target, shipped)


@pytest.mark.parametrize("target", ["dockerfile", "devcontainer"])
def test_hadolint_finds_nothing(target: str, subject: Subject) -> None:
    text = texts(target, subject)["Dockerfile" if target == "devcontainer" else target]
    strict = ("--failure-threshold", "warning", "--no-color", "-")
    found = [
        line for line in lint("hadolint", *strict, text=text).splitlines() if " info: " not in line
    ]
    assert found == []
    worse = text.replace("--no-cache-dir ", "")
    assert "DL3042" in lint("hadolint", *strict, text=worse)


def scripts(subject: Subject) -> dict[str, str]:
    """The parts of all files that a shell runs, under the shell's options if there are any."""
    workflow = yaml.safe_load(FILES["github-action"](subject))["jobs"]["verify"]
    job = yaml.safe_load(FILES["gitlab-ci"](subject))["verify"]
    config = yaml.safe_load(FILES["cloud-init"](subject))
    steps = [step["run"] for step in workflow["steps"] if "run" in step]
    return {
        "github": "\n".join(steps),
        "gitlab": "\n".join([*job["before_script"], *job["script"]]),
        "cloud-init": config["write_files"][0]["content"],
    }


def test_scripts_are_ones(subject: Subject) -> None:
    # SC1091, SC2148: the library is in the tool's repository; CI brings its own first line.
    options = ("--shell=bash", "--exclude=SC1091,SC2148", "-")
    for name, script in scripts(subject).items():
        assert lint("bash", "-n", text=script) == "", name
        assert lint("shellcheck", *options, text=script) == "", name
    assert "SC" in lint("shellcheck", *options, text="echo $unquoted")


def test_requirements_are_the_wheels_of_the_platform(shipped: Subject, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(FILES["requirements"](shipped))
    pins = read_requirements(tmp_path / "requirements.txt")
    assert [(p.name, p.version, p.hashes) for p in pins] == [
        (p.name, p.version, p.hashes) for p in shipped.wheels
    ]
    assert not any(pin.marker for pin in pins)


def test_rattler_takes_the_explicit_specification(shipped: Subject) -> None:
    read = ExplicitEnvironmentSpec.from_str(FILES["conda-explicit"](shipped))
    assert str(read.platform) == shipped.platform
    found = [install_conda.record(entry.url, "") for entry in read.packages]
    assert [(r.name.normalized, str(r.version), r.subdir, r.url, r.sha256) for r in found] == [
        (p.name, p.version, p.subdir, p.url, bytes.fromhex(p.sha256)) for p in shipped.conda
    ]


def test_a_mirror_serves_packages_below_its_own_address() -> None:
    line = f"https://host/forge/noarch/tzdata-2025c-hc9c84f9_1.conda#sha256:{'a' * 64}"
    record = install_conda.record(line, "http://mirror:8080/")
    assert record.url == "http://mirror:8080/host/forge/noarch/tzdata-2025c-hc9c84f9_1.conda"
    assert (record.channel, record.build_number) == ("https://host/forge", 1)


def test_a_dockerfile_brings_its_lock_along(subject: Subject) -> None:
    text = FILES["dockerfile"](subject)
    for pin in subject.wheels:
        assert f"'{pin.name}=={pin.version} --hash=sha256:{pin.hashes[0]}" in text
    # As long a line as builders read; a RUN as long as a shell takes.
    assert max(map(len, text.splitlines())) < 65_536
    assert max(map(len, text.split("\nRUN "))) < 128 * 1024
    final = text[text.rindex("\nFROM ") :]
    assert "pip" not in final
    assert "USER 1000:1000" in final


def test_a_devcontainer_has_the_debian_packages_of_the_course(shipped: Subject) -> None:
    final = devcontainer.render(shipped)["Dockerfile"].rpartition("\nUSER root\n")[2]
    assert "--no-install-recommends ca-certificates git" in final
    assert final.rstrip().endswith("USER 1000:1000")
