"""The images that the course builds on and runs, in a registry's own storage."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.lab import registry
from tests.lab.oci import Entry, Image, Layer, push, read_tar
from tests.lab.rootfs import POSTGRES_ID, TAR
from tests.lab.server import Front, Site

STORAGE = "storage"
ENTRYPOINT = Path(__file__).with_name("postgres-entrypoint.sh")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PYTHON = "docker.io/library/python"
POSTGRES = "docker.io/library/postgres"
TAGS = {PYTHON: "3.12-slim-bookworm", POSTGRES: "17-alpine"}


def python_base(rootfs: Path) -> Image:
    """Return what stands for the slim Python image: Debian, root, nothing started."""
    layer = read_tar(rootfs / TAR, "mmdebstrap bookworm")
    return Image((layer,), {"Env": [f"PATH={PATH}", "LANG=C.UTF-8"], "Cmd": ["bash"]})


def postgres(rootfs: Path) -> Image:
    """Return what stands for the official PostgreSQL image, with its documented contract."""
    start = Layer.of_entries(
        (
            Entry("docker-entrypoint-initdb.d"),
            Entry("run/postgresql", 0o3777, POSTGRES_ID),
            Entry("usr/local/bin/docker-entrypoint.sh", data=ENTRYPOINT.read_bytes()),
            # Open to all: a volume starts as a copy of this, also for `docker run --user`.
            Entry("var/lib/postgresql/data", 0o1777, POSTGRES_ID),
        ),
        f"COPY {ENTRYPOINT.name}",
    )
    return Image(
        (read_tar(rootfs / TAR, "mmdebstrap trixie postgresql-17"), start),
        {
            "Env": [
                f"PATH={PATH}:/usr/lib/postgresql/17/bin",
                "LANG=C.UTF-8",
                "PG_MAJOR=17",
                "PGDATA=/var/lib/postgresql/data",
            ],
            "Entrypoint": ["docker-entrypoint.sh"],
            "Cmd": ["postgres"],
            "ExposedPorts": {"5432/tcp": {}},
            "Volumes": {"/var/lib/postgresql/data": {}},
            "StopSignal": "SIGINT",
        },
    )


def build(target: Path, tool: Path, python_rootfs: Path, postgres_rootfs: Path) -> None:
    """Push the images into a storage folder below `target`, over HTTP like any other client."""
    made: Mapping[str, Image] = {
        PYTHON: python_base(python_rootfs),
        POSTGRES: postgres(postgres_rootfs),
    }
    with _open_registry(tool, target / STORAGE) as address:
        digests = {name: push(image, address, name, TAGS[name]) for name, image in made.items()}
    (target / "images.json").write_text(json.dumps(digests, indent=2) + "\n")


@contextmanager
def _open_registry(tool: Path, storage: Path) -> Iterator[str]:
    """Run a registry with a front, so that pushing goes the way that serving goes."""
    with (
        registry.running(tool, storage) as socket,
        Front(Site(roots=(), registry=socket)) as front,
    ):
        thread = threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield front.url
        finally:
            front.stopping.set()
            front.shutdown()
            thread.join()


def load(folder: Path) -> dict[str, str]:
    """Return the digest of each image by its repository."""
    digests: dict[str, str] = json.loads((folder / "images.json").read_text())
    return digests


def copy_storage(folder: Path, target: Path) -> Path:
    """Copy the storage so that pushes go to the copy; the blobs, never rewritten, are linked."""
    source = folder / STORAGE
    for file in source.rglob("*"):
        copy = target / STORAGE / file.relative_to(source)
        if file.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        elif file.name == "data":
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.hardlink_to(file)
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    return target / STORAGE
