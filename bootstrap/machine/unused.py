"""What is on this machine and used by nothing: generations, images, entries of caches."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.core.writing import writing
from bootstrap.generation import Generation
from bootstrap.generation.contents import Found
from bootstrap.generation.installed import COMPLETE, DIGITS, course_of, digest_of
from bootstrap.generation.links import Links
from bootstrap.host.disk import Freed
from bootstrap.host.docker_view import Reach
from bootstrap.host.host import Host
from bootstrap.host.processes import running_from
from bootstrap.images.layout import Layout
from bootstrap.machine.blueprint import Blueprint, images_of, this_arch
from bootstrap.runtimes.docker.unused_images import unused_images
from bootstrap.steps.conda_cache import archives_of, lock_of, unused_entries
from bootstrap.steps.wheels import prune_cache

PREFIX = re.compile(rf".+-[0-9a-f]{{{DIGITS}}}")


@dataclass(frozen=True)
class Unused:
    """Something that nothing uses: what it is, its path or name, the bytes that it frees."""

    what: str
    name: str
    size: int
    remove: Callable[[], None]


@dataclass(frozen=True)
class Findings:
    """All that nothing uses, and what else there is to say."""

    items: tuple[Unused, ...]
    notes: tuple[str, ...]

    def remove(self, host: Host, cancel: Cancel) -> tuple[str, ...]:
        """Remove every item, then what uv finds unused in its own cache; gives what uv said."""
        for item in self.items:
            cancel.check()
            item.remove()
        said = prune_cache(host.environ, host.paths.cache, cancel)
        return (f"uv's cache: {said}",) if said else ()


def find_unused(blueprint: Blueprint, host: Host) -> Findings:
    """Look for everything that nothing uses. The run lock has to be held where it is removed.

    Generations stay that a link leads to, that the course's locks or a hold name, and those from
    which a process runs; images and packages stay for them.
    """
    notes: list[str] = []
    kept: list[Path] = []
    gone: list[Path] = []
    needed = needed_prefixes(blueprint, host)
    for prefix in _generations(host.paths.environments):
        if prefix.resolve() in needed:
            kept.append(prefix)
        elif process := running_from(prefix):
            notes.append(f"{prefix.name} stays: process {process} runs from it")
            kept.append(prefix)
        else:
            gone.append(prefix)
    freed = Freed()
    items = [_generation(prefix, freed) for prefix in gone]
    items += _cached(blueprint, host, kept, freed)
    items += _layers(host, freed)
    if host.engine.reach() is Reach.ANSWERS:
        items += _images(blueprint, host, kept)
    else:
        notes.append("Docker Engine does not answer: its images were not looked at")
    return Findings(tuple(items), tuple(notes))


def needed_prefixes(blueprint: Blueprint, host: Host) -> frozenset[Path]:
    """The prefixes that are in use or wanted, whether or not anything is there yet.

    They are resolved: a link names them by the way to this home as it was at the time.
    """
    links = Links(host.paths.environments)
    wanted = blueprint.generation
    newest = wanted.prefix.with_name(f"{wanted.course}-{blueprint.lock_digest[:DIGITS]}")
    found = {links.current, links.previous, wanted.prefix, newest}
    return frozenset(prefix.resolve() for prefix in found if prefix)


def _generations(folder: Path) -> list[Path]:
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    return [e for e in entries if PREFIX.fullmatch(e.name) and e.is_dir() and not e.is_symlink()]


def _generation(prefix: Path, freed: Freed) -> Unused:
    def remove() -> None:
        with writing(prefix):
            (prefix / COMPLETE).unlink(missing_ok=True)  # first: what is left is no generation
            shutil.rmtree(prefix)

    what = "environment" if digest_of(prefix) else "half-installed environment"
    return Unused(what, str(prefix), freed.by(prefix), remove)


def _cached(blueprint: Blueprint, host: Host, kept: list[Path], freed: Freed) -> Iterator[Unused]:
    cache = host.paths.cache / "conda"
    wanted = blueprint.generation
    needed = {f"{n}-{v}" for p in kept for n, found in Found.read(p).conda.items() for v in found}
    archives = archives_of(cache)
    if not wanted.is_complete():  # what an interrupted install fetched, the next one goes on with
        needed |= {f"{name}-{version}" for name, version in wanted.contents.conda.items()}
    elif archives.is_dir():
        yield Unused("conda archives", str(archives), freed.by(archives), partial(_rm, archives))
    for entry in unused_entries(cache, needed):
        paths = (entry, lock_of(entry))
        yield Unused("conda package", str(entry), sum(map(freed.by, paths)), partial(_rm, *paths))


def _layers(host: Host, freed: Freed) -> Iterator[Unused]:
    """What builds of images made that is in none that has a name now."""
    layout = Layout.cached(host.paths)
    if files := layout.unreachable():
        size = sum(map(freed.by, files))
        yield Unused("layers of images", str(layout.folder), size, partial(_rm, *files))


def _rm(*paths: Path) -> None:
    for path in paths:
        with writing(path):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _images(blueprint: Blueprint, host: Host, kept: list[Path]) -> Iterator[Unused]:
    course, source = blueprint.loaded.course, blueprint.source
    ours = [blueprint.generation]
    ours += [found for p in kept if course_of(p) == course.name and (found := _read(p, host))]
    names = {one.local for generation in ours for one in images_of(course, source, generation)}
    others = {digest_of(p) for p in kept if course_of(p) != course.name}
    for image in unused_images(host.engine.images(), names=names, digests=others - {""}):
        yield Unused("image", image.name, image.size, partial(image.remove, host.engine))


def _read(prefix: Path, host: Host) -> Generation | None:
    """The generation at a prefix, None where it keeps no locks: nothing leads to its image then."""
    try:
        return Generation.kept(prefix, this_arch(), host.paths)
    except BootstrapError:
        return None
