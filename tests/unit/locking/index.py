"""A package index on loopback with small real wheels, to lock against."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ANY = "py3-none-any"
X86, ARM = "cp312-cp312-manylinux_2_28_x86_64", "cp312-cp312-manylinux_2_28_aarch64"


def wheel(name: str, version: str, tag: str = ANY, needs: tuple[str, ...] = ()) -> bytes:
    """The bytes of a wheel with nothing in it but its metadata."""
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in needs]
    info = f"{name}-{version}.dist-info"
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for file, text in (
            ("METADATA", "\n".join(lines) + "\n"),
            ("WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"),
            ("RECORD", ""),
        ):
            archive.writestr(zipfile.ZipInfo(f"{info}/{file}"), text)
    return written.getvalue()


@dataclass
class Index:
    """Files by project, laid out as the simple API has them (PEP 503)."""

    folder: Path
    url: str = ""
    links: dict[str, list[str]] = field(default_factory=dict)

    def add(
        self,
        name: str,
        version: str,
        *tags: str,
        needs: tuple[str, ...] = (),
        yanked: str = "",
    ) -> str:
        """Publish a release, a wheel a tag; gives the sha256 of the last."""
        digest = ""
        for tag in tags or (ANY,):
            content = wheel(name, version, tag, needs)
            file = f"{name}-{version}-{tag}.whl"
            digest = hashlib.sha256(content).hexdigest()
            self._publish(name, file, content, digest, yanked)
        return digest

    def add_source(self, name: str, version: str) -> None:
        """Publish a release of which there is only the source."""
        self._publish(name, f"{name}-{version}.tar.gz", b"source", hashlib.sha256().hexdigest(), "")

    def _publish(self, name: str, file: str, content: bytes, digest: str, yanked: str) -> None:
        project = self.folder / "simple" / name
        project.mkdir(parents=True, exist_ok=True)
        (project / file).write_bytes(content)
        mark = f' data-yanked="{yanked}"' if yanked else ""
        links = self.links.setdefault(name, [])
        links[:] = [link for link in links if f">{file}<" not in link]
        links.append(f'<a href="{file}#sha256={digest}"{mark}>{file}</a>')
        (project / "index.html").write_text("<!DOCTYPE html>" + "<br>".join(links))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@contextmanager
def serving(folder: Path) -> Iterator[Index]:
    """An empty index that answers while inside."""
    (folder / "simple").mkdir(parents=True)
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield Index(folder, f"http://127.0.0.1:{server.server_port}/simple")
        server.shutdown()
        thread.join()
