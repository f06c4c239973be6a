"""Images out of locks: the same bytes every time, with what a student has, and no more.

The course has a part of its wheels; the whole of it is in test_whole_image.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bootstrap.course.load import load_course
from bootstrap.course.requirements import read_requirements
from tests.e2e import buildkit
from tests.e2e.conftest import new_machine, small_disk
from tests.e2e.images import OnDisk, own_registry
from tests.e2e.machine import Machine
from tests.lab import CutUpload, LabFiles, LabServer, Status
from tests.lab.engine import Engine
from tests.lab.server import Front
from tests.relocked import closure, relocked, replaced, requirements_of

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(900)]

NAME = "mlops-zoomcamp:ci"
NO_ENGINE = "unix:///nonexistent/docker.sock"


@pytest.fixture(scope="module")
def course(lab: LabFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's course with a part of its wheels."""
    wanted = ("mlflow-skinny", "prefect", "numpy", "pandas", "pip", "ipykernel")
    lock = closure(requirements_of(lab.course_path), *wanted)
    return relocked(lab.course_path, tmp_path_factory.mktemp("image") / "course", lock)


def builder(home: Path, lab: LabServer, course: Path, **variables: str) -> Machine:
    """A home that images are built in, with nothing in it but verified wheels."""
    home.mkdir(exist_ok=True)
    told = {
        "MLOPS_BOOTSTRAP_COURSE": str(course),
        "MLOPS_BOOTSTRAP_SOURCE": lab.url,
        "DOCKER_HOST": NO_ENGINE,
        **variables,
    }
    return new_machine(home, lab, "native", **told)


@pytest.fixture(scope="module")
def builds(
    course: Path, lab_server: LabServer, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Machine:
    home = tmp_path_factory.mktemp("builder")
    return builder(home, lab_server, course, DOCKER_HOST=engine.docker_host)


@pytest.fixture(scope="module")
def built(builds: Machine, tmp_path_factory: pytest.TempPathFactory) -> OnDisk:
    """The image as an OCI layout."""
    folder = tmp_path_factory.mktemp("layout") / "ci"
    builds.ok("image", "build", "--output", str(folder))
    return OnDisk(folder)


@pytest.fixture(scope="module")
def loaded(builds: Machine, built: OnDisk, engine: Engine) -> Iterator[str]:
    """The same image in the engine."""
    said = builds.json("image", "build")
    assert said["digest"] == built.digest
    yield NAME
    with closing(engine.client()) as client:
        client.images.remove(NAME, force=True)


@pytest.fixture
def registry(lab: LabFiles, tmp_path: Path) -> Iterator[Front]:
    with own_registry(lab, tmp_path / "storage") as front:
        yield front


def tag_in(registry: Front) -> str:
    return f"{registry.url.partition('://')[2]}/course/image:ci"


def test_another_home_on_another_day_makes_the_same_image(
    built: OnDisk, course: Path, lab_server: LabServer, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "another" / "home"
    elsewhere.mkdir(parents=True)
    variables = {"TZ": "Asia/Tokyo", "LANG": "C", "PYTHONHASHSEED": "7"}
    other = builder(elsewhere, lab_server, course, **variables)
    later = ["faketime", "+400 days", *other.argv("image", "build")]
    done = subprocess.run(
        [*later, "--output", str(tmp_path / "again")],
        env=dict(other.environ), umask=0o077,
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert OnDisk(tmp_path / "again").digest == built.digest
    moment = other.with_variables(SOURCE_DATE_EPOCH="1700000000")
    moment.ok("image", "build", "--output", str(tmp_path / "dated"))
    dated = OnDisk(tmp_path / "dated")
    assert dated.digest != built.digest
    assert dated.config["created"] == "2023-11-14T22:13:20Z"


def test_nothing_in_it_tells_of_the_machine_that_made_it(built: OnDisk, builds: Machine) -> None:
    home = str(builds.home).encode()
    members = list(built.members())
    assert not [member.name for member, content in members if home in content]
    ours = [member for member, _ in members if member.name.startswith("opt/")]
    assert {member.mtime for member in ours} == {315532801}
    assert {(member.uid, member.gid) for member in ours} == {(0, 0)}


def test_another_tool_reads_the_layout(built: OnDisk) -> None:
    done = subprocess.run(
        ["skopeo", "inspect", f"oci:{built.folder}:{NAME}"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["Digest"] == built.digest
    assert said["Architecture"] == "amd64"


def test_its_labels_and_its_bill_of_materials_say_what_it_is(built: OnDisk, course: Path) -> None:
    wanted = load_course(course).course
    labels = built.config["config"]["Labels"]
    assert labels["org.opencontainers.image.source"] == wanted.repository.url
    assert labels["org.opencontainers.image.revision"] == wanted.repository.commit
    assert labels["org.opencontainers.image.base.digest"] == wanted.images["base"].digest
    assert labels["mlops-bootstrap.locks"].startswith("sha256:")
    (attached,) = [entry for entry in built.index if "annotations" not in entry]
    artifact = built.document(attached["digest"])
    assert artifact["subject"]["digest"] == built.digest
    assert artifact["artifactType"] == "application/vnd.cyclonedx+json"
    sbom = built.document(artifact["layers"][0]["digest"])
    locked = {pin.name for pin in read_requirements(load_course(course).requirements)}
    assert locked <= {component["name"] for component in sbom["components"]}


def test_a_container_proves_the_environment_to_its_last_file(
    loaded: str, engine: Engine, course: Path
) -> None:
    said = buildkit.run(
        engine, loaded, "mlops-bootstrap", "verify", "--only", "environment", "--deep", "--json"
    )
    report = json.loads(said)
    assert report["counts"]["failed"] == 0, report["checks"]
    assert {check["outcome"] for check in report["checks"]} <= {"passed", "skipped"}
    assert report["environment"]["fingerprint"] == report["environment"]["wanted"]


def test_a_container_is_of_a_user_without_rights_and_cannot_install(
    loaded: str, engine: Engine
) -> None:
    script = "id -un; touch /opt/mlops-zoomcamp/x 2>&1; ls -A /tmp ~/.cache 2>/dev/null"
    said = buildkit.run(engine, loaded, "sh", "-c", f"{script}; command -v gcc cc uv; true")
    assert said.splitlines()[0] == "student"
    assert "Permission denied" in said.splitlines()[1]
    assert said.splitlines()[2:] in ([], ["/tmp:"])
    refused = buildkit.run(engine, loaded, "sh", "-c", "mlops-bootstrap sbom 2>&1; true")
    assert "E-TOOL-PARTIAL" in refused
    imported = "import mlflow, prefect, pathlib; print(pathlib.Path(mlflow.__cached__).is_file())"
    assert buildkit.run(engine, loaded, "python", "-c", imported) == "True\n"
    login = buildkit.run(engine, loaded, "bash", "-lc", "command -v python")
    assert login.endswith("/envs/current/bin/python\n")


def test_an_image_that_the_engine_has_gets_another_name(
    loaded: str, builds: Machine, engine: Engine
) -> None:
    names = ("--tag", "again", "--tag", "localhost:5000/course")
    done = builds.run("image", "build", *names, "--plain")
    assert done.returncode == 0, done.stderr
    assert "Docker Engine has it already" in done.stderr
    with closing(engine.client()) as client:
        given = ("again:latest", "localhost:5000/course:latest")
        try:
            assert len({client.images.get(name).id for name in (loaded, *given)}) == 1
        finally:
            for name in given:
                client.images.remove(name)


def test_a_container_with_another_user_and_home_works_as_well(loaded: str, engine: Engine) -> None:
    options = ("--rm", "--network", "none", "--user", "4711:4711", "--env", "HOME=/github/home")
    argv = [buildkit.docker(), "run", *options, loaded, "mlops-bootstrap", "verify"]
    done = subprocess.run(
        [*argv, "--only", "environment"],
        env={**os.environ, "DOCKER_HOST": engine.docker_host},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wheel_that_goes_leaves_all_layers_but_its_own_and_the_last(
    built: OnDisk, course: Path, builds: Machine, tmp_path: Path
) -> None:
    fewer = replaced(requirements_of(course), "ipykernel", "")
    changed = relocked(course, tmp_path / "course", fewer)
    other = builds.with_variables(MLOPS_BOOTSTRAP_COURSE=str(changed))
    other.ok("image", "build", "--output", str(tmp_path / "out"))
    new = OnDisk(tmp_path / "out").layers
    sent = {digest: size for digest, size in new.items() if digest not in built.layers}
    assert len(sent) == 2
    assert sum(sent.values()) < 0.15 * sum(new.values())


def test_it_is_pushed_once_and_pulled_by_its_digest(
    built: OnDisk, builds: Machine, registry: Front, engine: Engine
) -> None:
    tag = tag_in(registry)
    said = builds.json("image", "build", "--push", "--tag", tag)
    assert said["digest"] == built.digest
    uploads = len(registry.requests.matching("/v2/*/blobs/uploads/*", "PUT"))
    assert uploads >= len(built.layers)
    builds.ok("image", "build", "--push", "--tag", tag)
    assert len(registry.requests.matching("/v2/*/blobs/uploads/*", "PUT")) == uploads
    with closing(engine.client()) as client:
        image = client.images.pull(tag.rpartition(":")[0], tag="ci")
        try:
            assert image.attrs["RepoDigests"] == [f"{tag.rpartition(':')[0]}@{built.digest}"]
            assert "3." in buildkit.run(engine, tag, "prefect", "--version")
        finally:
            client.images.remove(tag, force=True)
    assert "byte for byte" in builds.ok("image", "verify", tag)


def test_a_push_that_died_goes_on(built: OnDisk, builds: Machine, registry: Front) -> None:
    tag = tag_in(registry)
    # The line breaks at every upload after the tenth, until the command gives up.
    registry.faults.add("/v2/*/manifests/*", Status(403), method="PUT", times=None)
    refused = builds.run("image", "build", "--push", "--tag", tag, "--plain")
    assert refused.returncode == 1
    assert "E-REGISTRY-DENIED" in refused.stderr
    assert "docker login" in refused.stderr
    sent = len(registry.requests.matching("/v2/*/blobs/uploads/*", "PUT"))
    registry.faults.clear()
    registry.faults.add("/v2/*/manifests/*", CutUpload(after=10), method="PUT")
    builds.ok("image", "build", "--push", "--tag", tag, "--plain")
    assert len(registry.requests.matching("/v2/*/blobs/uploads/*", "PUT")) == sent


def test_what_somebody_changed_is_named(
    built: OnDisk, loaded: str, builds: Machine, engine: Engine
) -> None:
    assert "byte for byte" in builds.ok("image", "verify", loaded)
    assert "byte for byte" in builds.ok("image", "verify", str(built.folder))
    with closing(engine.client()) as client:
        script = "touch /etc/added; echo >> /etc/passwd; rm /usr/local/bin/mlops-bootstrap"
        container = client.containers.run(loaded, ["sh", "-c", script], user="0", detach=True)
        try:
            assert container.wait()["StatusCode"] == 0
            container.commit("changed", "latest", changes='ENV MORE="than before"')
            done = builds.run("image", "verify", "changed:latest", "--json")
        finally:
            container.remove(force=True)
            client.images.remove("changed:latest", force=True)
    assert done.returncode == 5, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert not said["equal"]
    assert {(one["kind"], one["what"]) for one in said["differences"]} == {
        ("added", "etc/added"),
        ("changed", "etc/passwd"),
        ("removed", "usr/local/bin/mlops-bootstrap"),
        ("setting", "Cmd"),
        ("setting", "Env"),
        ("setting", "User"),
    }


def test_a_folder_in_which_a_byte_is_another_is_not_taken_for_the_image(
    built: OnDisk, builds: Machine, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(built.folder, folder)
    blob = folder / "blobs/sha256" / next(iter(built.layers)).removeprefix("sha256:")
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    done = builds.run("image", "verify", str(folder))
    assert done.returncode == 1
    assert "E-IMAGE-DAMAGED" in done.stderr
    assert str(blob) in done.stderr


def test_an_image_of_others_is_not_compared(
    builds: Machine, course: Path, lab_server: LabServer, engine: Engine
) -> None:
    base = load_course(course).course.images["base"].pinned
    name = f"{lab_server.host}:{lab_server.port}/{base}"
    done = builds.run("image", "verify", name)
    assert done.returncode == 2
    assert "E-IMAGE-UNKNOWN" in done.stderr


def test_without_an_engine_it_is_said_where_the_image_is(builds: Machine, built: OnDisk) -> None:
    alone = builds.with_variables(DOCKER_HOST=NO_ENGINE)
    said = alone.ok("image", "build")
    assert "no engine answers" in said
    assert f"{builds.home}/.cache/mlops-bootstrap/images/layout" in said
    assert built.digest in said


def test_a_base_whose_digest_is_gone_is_said(course: Path, builds: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    shutil.copytree(course.parent, folder)
    file = folder / course.name
    pinned = load_course(course).course.images["base"].digest
    file.write_text(file.read_text().replace(pinned, "sha256:" + "0" * 64))
    done = builds.with_variables(MLOPS_BOOTSTRAP_COURSE=str(file)).run("image", "build", "--plain")
    assert done.returncode == 1
    assert "E-IMAGE-MISSING" in done.stderr


def test_a_full_disk_is_said_and_leaves_nothing_behind(
    course: Path, lab_server: LabServer, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with small_disk(home, "200m"):
        made = builder(home, lab_server, course)
        done = made.run("image", "build", "--plain")
        assert done.returncode == 1
        assert "E-DISK-FULL" in done.stderr
        assert not (home / ".cache/mlops-bootstrap/images/staging").exists()
