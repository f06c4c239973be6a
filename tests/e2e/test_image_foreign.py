"""An image for another kind of machine, whose programs cannot be run on this one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from tests.e2e.images import OnDisk, own_registry
from tests.e2e.machine import Machine
from tests.e2e.test_image import builder
from tests.lab import LabFiles, LabServer
from tests.lab.foreign import FOREIGN, add_foreign
from tests.lab.oci import CONFIG, INDEX, MANIFEST, Entry, Layer, digest
from tests.lab.server import Front
from tests.relocked import closure, relocked, requirements_of

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

BASE = "docker.io/library/python"
ARM = {"architecture": "arm64", "os": "linux"}


@pytest.fixture(scope="module")
def builds(
    lab: LabFiles, lab_server: LabServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """A home whose source has both kinds of packages, and a base for the other kind alone."""
    folder = tmp_path_factory.mktemp("foreign")
    few = closure(requirements_of(lab.course_path), "numpy", "click")
    course = relocked(lab.course_path, folder / "course", few)
    with ExitStack() as stack:
        mirror = folder / "mirror"
        front = stack.enter_context(own_registry(lab, folder / "storage", roots=(mirror,)))
        channels = next(root for root in lab.roots if (root / "conda.anaconda.org").is_dir())
        shutil.copytree(channels / "conda.anaconda.org", mirror / "conda.anaconda.org")
        lock = course.with_name("conda-lock.yml")
        text = add_foreign(channels, lock, mirror)
        lock.write_text(text)
        document = yaml.safe_load(course.read_text())
        document["environment"]["conda"]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
        document["images"]["base"] = f"{BASE}@{push_base(front)}"
        course.write_text(yaml.safe_dump(document, sort_keys=False))
        made = builder(folder / "home", lab_server, course, MLOPS_BOOTSTRAP_SOURCE=front.url)
        yield made


def push_base(front: Front) -> str:
    """Push an image for aarch64 alone, with a user database; return the digest of its index."""
    import requests

    layer = Layer.of_entries([Entry("etc/passwd", 0o644, 0, b"root:x:0:0::/:/bin/sh\n")], "base")
    config = json.dumps({**ARM, "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]}}).encode()
    blobs = [(CONFIG, config), ("application/vnd.oci.image.layer.v1.tar+gzip", layer.data)]
    pointers = [{"mediaType": k, "digest": digest(d), "size": len(d)} for k, d in blobs]
    manifest = json.dumps(
        {"schemaVersion": 2, "mediaType": MANIFEST, "config": pointers[0], "layers": pointers[1:]}
    ).encode()
    pointer = {"mediaType": MANIFEST, "digest": digest(manifest), "size": len(manifest)}
    index = json.dumps(
        {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{**pointer, "platform": ARM}]}
    ).encode()
    with requests.Session() as session:
        session.trust_env = False
        base = f"{front.url}/v2/{BASE}"
        for _, data in blobs:
            place = session.post(f"{base}/blobs/uploads/", timeout=60).headers["Location"]
            where = f"{front.url}{place}" if place.startswith("/") else place
            session.put(where, params={"digest": digest(data)}, data=data, timeout=60)
        for kind, data in ((MANIFEST, manifest), (INDEX, index)):
            put = session.put(
                f"{base}/manifests/{digest(data)}",
                data=data, headers={"Content-Type": kind}, timeout=60,
            )  # fmt: skip
            put.raise_for_status()
    return digest(index)


def test_it_is_built_and_nothing_of_it_is_run(builds: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "arm"
    done = builds.run("image", "build", "--platform", FOREIGN, "--output", str(folder), "--plain")
    assert done.returncode == 0, done.stderr
    assert "this machine cannot run what is to be compiled" in done.stderr
    image = OnDisk(folder)
    assert image.config["architecture"] == "arm64"
    files = {member.name: content for member, content in image.members()}
    assert files["opt/mlops-zoomcamp/bin/f2py"].startswith(b"#!/opt/mlops-zoomcamp/bin/python\n")
    compiled = [name for name in files if "numpy/" in name and name.endswith(".so")]
    assert compiled
    assert {files[name][18] for name in compiled} == {183}
    assert not [name for name in files if name.endswith(".pyc") and "/click/" in name]
    assert "linux-aarch64" in json.dumps(
        [json.loads(c) for n, c in files.items() if "conda-meta/" in n]
    )


def test_a_base_for_another_processor_is_refused(builds: Machine) -> None:
    done = builds.run("image", "build", "--plain")
    assert done.returncode == 1
    assert "E-IMAGE-BASE" in done.stderr
    assert "nothing for linux/amd64" in done.stderr
