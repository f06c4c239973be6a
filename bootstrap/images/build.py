"""A build: its place in the cache, and the steps that it takes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap.core.writing import writing
from bootstrap.course.model import Arch
from bootstrap.export.subject import Subject
from bootstrap.host.paths import Paths
from bootstrap.images import delivery, steps
from bootstrap.images.layout import Layout
from bootstrap.images.model import ModelWanted
from bootstrap.images.staging import Staging
from bootstrap.images.steps import Assembled, FetchedBase, KeptBytecode, Model, Order, Part
from bootstrap.images.targets import role_of
from bootstrap.sources.source import Source


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where an image is to go: under which names, into the engine, a folder, registries."""

    names: Sequence[str]
    engine: bool = False
    folder: Path | None = None
    push: bool = False


@contextmanager
def scratch(paths: Paths, name: str = "scratch") -> Iterator[Path]:
    """A folder beside the layout, gone at the end. The run lock has to be held."""
    # One name each, so that what was killed leaves one folder, which the next removes.
    folder = paths.cache / "images" / name
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with writing(folder):
            folder.mkdir(parents=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def order(
    target: str, subject: Subject, paths: Paths, here: Arch, moment: int, model: ModelWanted | None
) -> Iterator[Order]:
    """An order, with a folder that is gone at its end. The run lock has to be held.

    here is this machine's architecture. Raises BootstrapError E-WRITE or E-DISK-FULL.
    """
    # In the cache: files are linked from there.
    with scratch(paths, "staging") as folder:
        yield Order(
            target, Staging.at(folder, subject, paths, here), Layout.cached(paths), moment, model
        )


def build_steps(made: Order, source: Source, wanted: Wanted) -> tuple[Assembled, tuple[Part, ...]]:
    """The step that has the image in the end, and all of them."""
    subject = made.staging.subject
    base = FetchedBase(made, subject.image(role_of(made.target, subject)), source)
    environment = steps.StagedEnvironment(made, source)
    bytecode = KeptBytecode(made)
    model = Model(made, made.model) if made.model else None
    image = Assembled(made, base, bytecode, model)
    parts: list[Part] = [base, environment, bytecode, *((model,) if model else ()), image]
    parts.append(steps.Removed(made))
    if wanted.names:
        parts.append(delivery.Named(made, image, wanted.names))
    if wanted.engine:
        parts.append(delivery.Loaded(made, image, wanted.names))
    if wanted.folder:
        parts.append(delivery.Written(made, image, wanted.names, wanted.folder))
    if wanted.push:
        parts.append(delivery.Pushed(made, image, wanted.names))
    return image, tuple(parts)
