"""Images to and from a real registry, with what comes between on a bad day."""

from __future__ import annotations

import base64
import datetime
import json
import os
import random
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bootstrap.core import retry
from bootstrap.core.errors import BootstrapError, Interrupted, TransientError
from bootstrap.registry.registry import Registry
from tests.e2e.images import own_registry
from tests.lab import Cut, CutUpload, Flip, LabFiles, Lost, Status
from tests.lab.commands import run
from tests.lab.engine import Engine
from tests.lab.guard import Guard
from tests.lab.oci import INDEX, MANIFEST, Entry, Image, Layer, digest
from tests.lab.server import Front
from tests.unit.host.test_network_tls import certificate
from tests.unit.jobs import RecordedJob

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

SIZE = 10_000_000
PIECE = 4 << 20
PASSWORD = "correct horse"
USERS = {"ada": PASSWORD, "reader": PASSWORD}
UPLOADS = "/v2/*/blobs/uploads/?*"


@dataclass
class Shop:
    """A registry behind a front, and a home from which it is used."""

    front: Front
    home: Path
    job: RecordedJob

    @property
    def host(self) -> str:
        return self.front.url.partition("://")[2]

    def open(self, *, pushing: bool = True, host: str = "") -> Registry:
        return Registry(
            host or self.host,
            "course/image",
            environ={"HOME": str(self.home), "PATH": os.environ["PATH"]},
            job=self.job,
            pushing=pushing,
        )

    def configure(self, **config: Any) -> None:
        (self.home / ".docker").mkdir(exist_ok=True)
        (self.home / ".docker" / "config.json").write_text(json.dumps(config))

    def log_in(self, user: str, password: str) -> None:
        auth = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.configure(auths={self.host: {"auth": auth}})

    def asked(self, method: str, path: str = "*") -> int:
        return len(self.front.requests.matching(path, method))


@contextmanager
def opened(lab: LabFiles, folder: Path, guard: Guard | None = None) -> Iterator[Shop]:
    home = folder / "home"
    home.mkdir()
    with own_registry(lab, folder / "storage", guard) as front:
        yield Shop(front, home, RecordedJob())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.02)
    # Nothing of these may be used: not a proxy for loopback, nor another login than Docker's.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)


@pytest.fixture
def shop(lab: LabFiles, tmp_path: Path) -> Iterator[Shop]:
    with opened(lab, tmp_path) as made:
        yield made


@dataclass(frozen=True)
class Blob:
    file: Path
    content: bytes

    @property
    def digest(self) -> str:
        return digest(self.content)


@pytest.fixture
def blob(tmp_path: Path) -> Blob:
    return blob_in(tmp_path, "layer", SIZE)


def blob_in(folder: Path, name: str, size: int) -> Blob:
    content = random.Random(name).randbytes(size)
    (folder / name).write_bytes(content)
    return Blob(folder / name, content)


def holds(shop: Shop, blob: Blob) -> bool:
    """Whether the registry gives the blob, and as it should be."""
    target = blob.file.with_name("fetched")
    shop.open().fetch_blob(blob.digest, len(blob.content), target)
    return target.read_bytes() == blob.content


def refused(work: Callable[[], object]) -> BootstrapError:
    with pytest.raises(BootstrapError) as caught:
        work()
    return caught.value


# pushing and reading


def test_a_blob_is_sent_once_and_comes_back(shop: Shop, blob: Blob) -> None:
    there = shop.open()
    assert not there.has_blob(blob.digest)
    assert there.push_blob(blob.digest, blob.file)
    assert there.has_blob(blob.digest)
    assert not there.push_blob(blob.digest, blob.file)
    assert shop.asked("POST") == shop.asked("PUT") == 1
    last = shop.job.progresses[-1]
    assert (last.what, last.done, last.total, last.unit) == ("layer", SIZE, SIZE, "bytes")
    assert holds(shop, blob)


def test_several_threads_push_through_one_registry(shop: Shop, tmp_path: Path) -> None:
    blobs = [blob_in(tmp_path, f"layer-{n}", 2_000_000) for n in range(8)]
    there = shop.open()
    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(lambda blob: there.push_blob(blob.digest, blob.file), blobs))
    assert all(holds(shop, blob) for blob in blobs)


def test_a_pushed_image_is_named_by_tag_and_by_digest(shop: Shop, tmp_path: Path) -> None:
    image = push(shop.open(), tmp_path)
    there = shop.open(pushing=False)
    for reference in ("1", digest(image.index_bytes())):
        assert there.manifest(reference) == (image.index_bytes(), INDEX)
    assert there.manifest(digest(image.manifest_bytes())) == (image.manifest_bytes(), MANIFEST)


def push(there: Registry, folder: Path) -> Image:
    """A tiny image, named by an index with the tag 1."""
    layer = Layer.of_entries((Entry("hello", data=b"of the lab"),), "test")
    image = Image((layer,))
    for name, data in (("config", image.config_bytes()), ("layer", layer.data)):
        (folder / name).write_bytes(data)
        there.push_blob(digest(data), folder / name)
    manifest = image.manifest_bytes()
    there.push_manifest(digest(manifest), manifest, MANIFEST)
    there.push_manifest("1", image.index_bytes(), INDEX)
    return image


@pytest.mark.engine
def test_an_engine_pulls_what_was_pushed(shop: Shop, engine: Engine, tmp_path: Path) -> None:
    image = push(shop.open(), tmp_path)
    name = f"{shop.host}/course/image@{digest(image.index_bytes())}"
    docker = ["docker", "--host", engine.docker_host]
    run([*docker, "pull", "--quiet", name])
    made = run([*docker, "create", name, "/none"]).decode().strip()
    try:
        run([*docker, "cp", f"{made}:/hello", str(tmp_path / "hello")])
    finally:
        run([*docker, "rm", made])
        run([*docker, "image", "rm", name])
    assert (tmp_path / "hello").read_bytes() == b"of the lab"


# what refers to an image


def referring(subject: bytes, kind: str, note: str = "") -> bytes:
    """An artifact about a manifest, with an empty configuration and no layers."""
    described = {"mediaType": MANIFEST, "digest": digest(subject), "size": len(subject)}
    config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(b"{}"), "size": 2}
    value = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": kind,
        "config": config,
        "layers": [],
        "subject": described,
        **({"annotations": {"note": note}} if note else {}),
    }
    return json.dumps(value).encode()


def test_what_refers_to_an_image_is_listed_below_its_tag(shop: Shop, tmp_path: Path) -> None:
    there = shop.open()
    subject = push(there, tmp_path).manifest_bytes()
    (tmp_path / "empty").write_bytes(b"{}")
    there.push_blob(digest(b"{}"), tmp_path / "empty")
    bill, proof = referring(subject, "application/bill", "a"), referring(subject, "text/proof")
    for content in (bill, proof, bill):
        there.push_manifest(digest(content), content, MANIFEST)
    content, kind = there.manifest(digest(subject).replace(":", "-"))
    assert kind == INDEX
    assert json.loads(content)["manifests"] == [
        {
            "mediaType": MANIFEST,
            "digest": digest(bill),
            "size": len(bill),
            "artifactType": "application/bill",
            "annotations": {"note": "a"},
        },
        {
            "mediaType": MANIFEST,
            "digest": digest(proof),
            "size": len(proof),
            "artifactType": "text/proof",
        },
    ]


# a bad line


def test_an_upload_goes_on_where_the_registry_says_it_is(shop: Shop, blob: Blob) -> None:
    """The front keeps a request until it has all of it: the registry knows whole pieces only."""
    faults = shop.front.faults
    faults.add(UPLOADS, CutUpload(after=3_000_000, kept=True), method="PUT")
    faults.add(UPLOADS, CutUpload(after=SIZE), times=2, method="PATCH")  # two pieces arrive
    faults.add(UPLOADS, CutUpload(after=1_000_000, kept=True), method="PATCH")
    assert shop.open().push_blob(blob.digest, blob.file)
    assert [note for note in shop.job.notes if "going on" in note] == [
        f"layer: going on at {there} of {SIZE}" for there in (0, 2 * PIECE)
    ]
    assert shop.asked("POST") == 1
    assert holds(shop, blob)


def test_a_registry_that_takes_no_pieces_gets_all_in_one(shop: Shop, blob: Blob) -> None:
    faults = shop.front.faults
    faults.add(UPLOADS, CutUpload(after=3_000_000), method="PUT")
    faults.add(UPLOADS, Status(416), times=None, method="PATCH")
    assert shop.open().push_blob(blob.digest, blob.file)
    assert "in one piece" in shop.job.notes[-1]
    assert holds(shop, blob)


def test_an_upload_that_the_registry_forgot_begins_anew(shop: Shop, blob: Blob) -> None:
    """This registry got a part of a request, and does not take up such an upload."""
    shop.front.faults.add(UPLOADS, CutUpload(after=3_000_000), method="PUT")
    assert shop.open().push_blob(blob.digest, blob.file)
    assert shop.asked("POST") == 2
    assert holds(shop, blob)


def test_an_answer_that_was_lost_does_not_send_it_twice(shop: Shop, blob: Blob) -> None:
    shop.front.faults.add(UPLOADS, Lost(), method="PUT")
    assert shop.open().push_blob(blob.digest, blob.file)
    assert shop.asked("POST") == shop.asked("PUT") == 1
    assert holds(shop, blob)


def test_a_registry_that_is_never_reached_whole_is_given_up_on(shop: Shop, blob: Blob) -> None:
    shop.front.faults.add(UPLOADS, CutUpload(after=1_000_000), times=None, method="P*")
    error = refused(lambda: shop.open().push_blob(blob.digest, blob.file))
    assert isinstance(error, TransientError)
    assert error.code == "E-HOST-UNREACHABLE"
    assert "_state" not in error.where


def test_a_fetch_goes_on_at_its_byte(shop: Shop, blob: Blob) -> None:
    shop.open().push_blob(blob.digest, blob.file)
    shop.front.faults.add("/v2/*/blobs/sha256:*", Cut(after=6_000_000))
    assert holds(shop, blob)
    ranges = [r.range for r in shop.front.requests.matching("*/blobs/sha256:*", "GET")]
    assert ranges == [None, "bytes=6000000-"]


def test_a_busy_registry_is_waited_for_as_long_as_it_says(shop: Shop, blob: Blob) -> None:
    for method in ("HEAD", "POST", "PUT"):
        shop.front.faults.add("/v2/*", Status(429, retry_after=1), method=method)
    assert shop.open().push_blob(blob.digest, blob.file)
    waits = [note for note in shop.job.notes if "429" in note]
    assert len(waits) == 3
    assert all("trying again in 1.0 s" in note for note in waits)
    assert holds(shop, blob)


# TLS


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    day = datetime.timedelta(days=1)
    return certificate(tmp_path / "pem", -day, day)


def speak_tls(shop: Shop, pem: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    shop.front.socket = context.wrap_socket(shop.front.socket, server_side=True)


def test_a_registry_on_this_machine_may_speak_tls(
    shop: Shop, blob: Blob, pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    speak_tls(shop, pem)
    assert shop.open().push_blob(blob.digest, blob.file)
    assert holds(shop, blob)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(shop: Shop, pem: Path) -> None:
    speak_tls(shop, pem)
    error = refused(lambda: shop.open().has_blob(digest(b"any")))
    assert error.code == "E-HOST-UNREACHABLE"
    assert "no trust in 127.0.0.1" in error.what
    assert not isinstance(error, TransientError)


# refusals


@pytest.mark.parametrize(
    ("status", "words"), [(413, "raise its limit"), (507, "make room"), (405, "its log")]
)
def test_what_is_refused_is_said_with_what_helps(
    shop: Shop, blob: Blob, status: int, words: str
) -> None:
    shop.front.faults.add(UPLOADS, Status(status))
    error = refused(lambda: shop.open().push_blob(blob.digest, blob.file))
    assert (error.code, isinstance(error, TransientError)) == ("E-REGISTRY", False)
    assert str(status) in error.what
    assert words in error.remedy


def test_a_file_with_another_digest_is_refused(shop: Shop, blob: Blob) -> None:
    error = refused(lambda: shop.open().push_blob(digest(b"other"), blob.file))
    assert error.code == "E-DIGEST"
    assert not shop.open().has_blob(digest(b"other"))


def test_a_digest_that_is_gone_is_an_image_that_is_missing(shop: Shop, tmp_path: Path) -> None:
    gone = digest(b"gone")
    there = shop.open(pushing=False)
    for reference in (gone, "latest"):
        error = refused(partial(there.manifest, reference))
        assert error.code == "E-IMAGE-MISSING"
        assert reference in error.where
    assert refused(lambda: there.fetch_blob(gone, 1, tmp_path / "x")).code == "E-IMAGE-MISSING"
    assert not (tmp_path / "x").exists()


def test_a_manifest_with_another_digest_is_refused(shop: Shop, tmp_path: Path) -> None:
    image = push(shop.open(), tmp_path)
    shop.front.faults.add("/v2/*/manifests/*", Flip(at=20))
    wanted = digest(image.index_bytes())
    error = refused(lambda: shop.open().manifest(wanted))
    assert error.code == "E-DIGEST"
    assert wanted.removeprefix("sha256:") in error.what


def test_a_manifest_without_its_blobs_is_refused_in_the_registrys_words(shop: Shop) -> None:
    image = Image((Layer.of_entries((Entry("a", data=b"x"),), "test"),))
    error = refused(lambda: shop.open().push_manifest("1", image.manifest_bytes(), MANIFEST))
    assert error.code == "E-REGISTRY"
    assert "blob unknown" in error.what


# who may


@pytest.fixture(params=["basic", "bearer"])
def guarded(
    request: pytest.FixtureRequest, lab: LabFiles, tmp_path: Path
) -> Iterator[tuple[Shop, Guard]]:
    guard = Guard(request.param, USERS, frozenset({"reader"}), refresh_token="kept by Docker")
    with opened(lab, tmp_path, guard) as made:
        (made.home / ".netrc").write_text(f"machine 127.0.0.1 login ada password {PASSWORD}\n")
        yield made, guard


def assert_denied(shop: Shop, error: BootstrapError, words: str) -> None:
    assert error.code == "E-REGISTRY-DENIED"
    assert words in error.what
    assert f"`docker login {shop.host}`" in error.remedy
    assert PASSWORD not in f"{error}{error.remedy}{shop.job.notes}"


def test_the_login_of_docker_is_used(guarded: tuple[Shop, Guard], tmp_path: Path) -> None:
    shop, _ = guarded
    shop.log_in("ada", PASSWORD)
    image = push(shop.open(), tmp_path)
    assert shop.open(pushing=False).manifest("1")[0] == image.index_bytes()


def test_a_login_in_a_helper_is_used(
    guarded: tuple[Shop, Guard], blob: Blob, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, _ = guarded
    helper = shop.home / "docker-credential-lab"
    answer = json.dumps({"Username": "ada", "Secret": PASSWORD, "ServerURL": shop.host})
    helper.write_text(f"#!/bin/sh\necho '{answer}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(shop.home), prepend=os.pathsep)
    shop.configure(credHelpers={shop.host: "lab"})
    assert shop.open().push_blob(blob.digest, blob.file)


def test_a_helper_that_is_missing_is_said(guarded: tuple[Shop, Guard], blob: Blob) -> None:
    shop, _ = guarded
    shop.configure(credsStore="nowhere")
    error = refused(lambda: shop.open().push_blob(blob.digest, blob.file))
    assert_denied(shop, error, "push to course/image")
    assert "credential helper" in shop.job.notes[0]


def test_without_a_login_nothing_is_pushed(guarded: tuple[Shop, Guard], blob: Blob) -> None:
    shop, _ = guarded
    error = refused(lambda: shop.open().push_blob(blob.digest, blob.file))
    assert_denied(shop, error, "only who is logged in may push to course/image")


def test_a_wrong_password_is_not_tried_again(guarded: tuple[Shop, Guard], blob: Blob) -> None:
    shop, _ = guarded
    shop.log_in("ada", "wrong battery")
    error = refused(lambda: shop.open().push_blob(blob.digest, blob.file))
    assert_denied(shop, error, "the login that Docker keeps does not let us push")
    assert "wrong battery" not in f"{error}{error.remedy}"
    assert len(shop.front.requests) <= 4


def test_a_reader_may_not_push(guarded: tuple[Shop, Guard], blob: Blob) -> None:
    shop, _ = guarded
    shop.log_in("reader", PASSWORD)
    error = refused(lambda: shop.open().push_blob(blob.digest, blob.file))
    assert_denied(shop, error, "this login may not push to course/image")


@pytest.fixture
def tokens(lab: LabFiles, tmp_path: Path) -> Iterator[tuple[Shop, Guard]]:
    guard = Guard("bearer", USERS, refresh_token="kept by Docker")
    with opened(lab, tmp_path, guard) as made:
        yield made, guard


def test_a_token_that_expires_within_an_upload_is_renewed(
    tokens: tuple[Shop, Guard], blob: Blob
) -> None:
    shop, guard = tokens
    guard.uses = 2
    shop.log_in("ada", PASSWORD)
    assert shop.open().push_blob(blob.digest, blob.file)
    assert [r.status for r in shop.front.requests.matching("/v2/*", "PUT")] == [401, 201]
    assert guard.asked == ["repository:course/image:pull,push"] * 2
    guard.uses = None
    assert holds(shop, blob)


def test_threads_share_a_token_and_its_renewal(tokens: tuple[Shop, Guard], tmp_path: Path) -> None:
    shop, guard = tokens
    shop.log_in("ada", PASSWORD)
    there = shop.open()
    blobs = [blob_in(tmp_path, f"layer-{n}", 1_000_000) for n in range(8)]
    for part in (blobs[:4], blobs[4:]):
        with ThreadPoolExecutor(4) as threads:
            assert all(threads.map(lambda blob: there.push_blob(blob.digest, blob.file), part))
        guard.granted.clear()
    assert len(guard.asked) == 2


def test_reading_asks_for_no_more_than_that(tokens: tuple[Shop, Guard]) -> None:
    shop, guard = tokens
    assert refused(lambda: shop.open(pushing=False).manifest("1")).code == "E-IMAGE-MISSING"
    assert guard.asked == ["repository:course/image:pull"]


def test_an_identity_token_is_exchanged(tokens: tuple[Shop, Guard], blob: Blob) -> None:
    shop, _ = tokens
    shop.configure(auths={shop.host: {"identitytoken": "kept by Docker"}})
    assert shop.open().push_blob(blob.digest, blob.file)
    shop.configure(auths={shop.host: {"identitytoken": "taken back"}})
    error = refused(lambda: shop.open().has_blob(blob.digest))
    assert_denied(shop, error, "the login that Docker keeps")


def test_a_cancelled_push_ends(shop: Shop, blob: Blob) -> None:
    def cancel(done: int, total: int) -> None:
        shop.job.cancel.request()

    with pytest.raises(Interrupted):
        shop.open().push_blob(blob.digest, blob.file, cancel)
    shop.job = RecordedJob()
    assert not shop.open().has_blob(blob.digest)
