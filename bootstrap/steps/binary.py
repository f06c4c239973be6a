"""A pinned program that is one file, such as docker-compose."""

from __future__ import annotations

import os
from pathlib import Path

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job, Observation, Step
from bootstrap.core.writing import writing
from bootstrap.course.model import Arch, Binary
from bootstrap.host.files import link_atomically
from bootstrap.host.host import Host, HostView
from bootstrap.sources.download import fetch, file_sha256
from bootstrap.sources.source import Source


class PinnedBinary(Step[HostView, Host]):
    """The file in our bin folder with the pinned sha256, and a Docker CLI plugin where wanted."""

    def __init__(self, binary: Binary, arch: Arch, source: Source) -> None:
        self.name = binary.name
        self.title = binary.name
        self._binary = binary
        self._url = source.url(binary.url_for(arch))
        self._sha256 = binary.sha256[arch]

    def observe(self, view: HostView) -> Observation:
        wanted = self._binary.version
        file = view.paths.bin / self._binary.name
        if not file.is_file():
            return Observation(False, "absent", wanted)
        if file_sha256(file) != self._sha256:
            return Observation(False, "another version", wanted)
        if not os.access(file, os.X_OK):
            return Observation(False, "not executable", wanted)
        if plugin := self._plugin(view):
            if not plugin.exists():
                return Observation(False, "not a Docker CLI plugin yet", wanted)
            if not plugin.samefile(file):
                return Observation(False, "another Docker CLI plugin", wanted)
        return Observation(True, wanted, wanted)

    def apply(self, host: Host, job: Job) -> None:
        file = host.paths.bin / self._binary.name
        if not file.is_file() or file_sha256(file) != self._sha256:
            fetch(self._url, file, self._sha256, job, mode=0o755)
        with writing(file):
            file.chmod(0o755)
        if plugin := self._plugin(host):
            _set_aside(plugin, job)
            link_atomically(plugin, file)

    def _plugin(self, view: HostView) -> Path | None:
        if "docker-plugin" not in self._binary.destination:
            return None
        return view.paths.docker_plugins / self._binary.name


def _set_aside(plugin: Path, job: Job) -> None:
    """Keep a plugin that the user put there under another name; links hold nothing to keep."""
    if plugin.is_symlink() or not plugin.exists():
        return
    kept = plugin.with_name(f"{plugin.name}.before-mlops-bootstrap")
    if kept.exists():
        raise BootstrapError(
            "E-PLUGIN-KEPT",
            "a Docker CLI plugin of yours is in the way, and an earlier one is kept already",
            where=str(plugin),
            remedy=f"move {plugin} or {kept} away",
        )
    with writing(plugin):
        plugin.rename(kept)
    job.note(f"kept your own plugin as {kept}")
