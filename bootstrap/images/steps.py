"""Building an image, as steps: what comes from where, what is made of it, and where it goes."""

from __future__ import annotations

import hashlib
import shutil
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bootstrap.core.step import Job, Observation, Step
from bootstrap.core.writing import writing
from bootstrap.course.images import ImageReference
from bootstrap.export.dockerfile import variables_of
from bootstrap.export.labels import labels_of
from bootstrap.generation.started import MODULES
from bootstrap.host.host import Host, HostView
from bootstrap.images import arrange, furniture, targets
from bootstrap.images.base import Base, fetch_base
from bootstrap.images.bytecode import Compiler, Started
from bootstrap.images.entries import Entry
from bootstrap.images.image import Built, assemble, settings_of
from bootstrap.images.layers import make_layers
from bootstrap.images.layout import Layer, Layout
from bootstrap.images.model import ModelWanted, fetch_model
from bootstrap.images.staging import Staging
from bootstrap.images.targets import Target
from bootstrap.sources.source import Source

TARGET_LABEL, MODEL_LABEL = "mlops-bootstrap.target", "mlops-bootstrap.model"
MOMENT_LABEL = "mlops-bootstrap.moment"
"""The time of its files, in seconds since 1970; `created` changes with who changes the image."""


@dataclass(frozen=True, slots=True)
class Order:
    """What image is to be made: of which kind, with which model, with what moment for its files (in
    seconds since 1970), out of a staging, into a layout."""

    target: str
    staging: Staging
    layout: Layout
    moment: int
    model: ModelWanted | None = None


class Part(Step[HostView, Host]):
    """One part of a build; it is there only when this run has made it."""

    result = ""

    def observe(self, view: HostView) -> Observation:
        return Observation(bool(self.result), self.result or "not made yet", "made")

    def apply(self, host: Host, job: Job) -> None:
        self.result = self.make(host, job)

    @abstractmethod
    def make(self, host: Host, job: Job) -> str:
        """Make it and say what it is. Raises BootstrapError."""


class FetchedBase(Part):
    """The image that the environment is put on."""

    name = "base"
    title = "Base image"

    def __init__(self, order: Order, reference: ImageReference, source: Source) -> None:
        self._order = order
        self._reference = reference
        self._source = source
        self.base: Base | None = None

    def make(self, host: Host, job: Job) -> str:
        from bootstrap.registry.registry import Registry

        registry, _, repository = self._source.image(self._reference.name).partition("/")
        self.base = fetch_base(
            self._reference,
            Registry(registry, repository, environ=host.environ, job=job),
            self._order.staging.subject.arch,
            self._order.layout,
            lambda done, total: job.progress("layers", done, total, "bytes"),
        )
        return f"{len(self.base.layers)} layers of {self._reference.digest[:19]}"


class StagedEnvironment(Part):
    """The packages of the locks, as they will be in the image."""

    name = "environment"
    title = "Course environment"

    def __init__(self, order: Order, source: Source) -> None:
        self._staging = order.staging
        self._source = source

    def make(self, host: Host, job: Job) -> str:
        self._staging.install_environment(self._source, host, job)
        self._staging.install_tool(furniture.TOOL_PACKAGES, furniture.own_package(), host, job)
        wanted = self._staging.generation
        return f"{len(wanted.conda)} conda packages, {len(wanted.wheels)} wheels"


class KeptBytecode(Part):
    """Bytecode of what is started in the image."""

    name = "bytecode"
    title = "Compiled modules"
    requires = frozenset({"environment"})

    def __init__(self, order: Order) -> None:
        self._order = order
        self.files: dict[Path, Path] = {}

    def make(self, host: Host, job: Job) -> str:
        staging = self._order.staging
        if staging.foreign:
            return "none: this machine cannot run what is to be compiled"
        placed = {staging.prefix: staging.place, staging.tool: f"/{arrange.TOOL_PLACE}"}
        kept, folder = host.paths.cache / "images" / "bytecode", staging.folder / "compiling"
        compiler = Compiler(staging.python, placed, folder, kept, host, job)
        started = _started(staging)
        modules = [one.modules for one in started]
        about = (staging.generation.digest, staging.place, furniture.own_digest(), modules)
        key = hashlib.sha256(repr(about).encode()).hexdigest()
        self.files = compiler.compiled(started, key)
        return f"{len(self.files)} modules"


def _started(staging: Staging) -> Sequence[Started]:
    """What is started, in processes that have about as much to import."""
    prefect = tuple(name for name in MODULES if name.startswith(("prefect", "asyncpg")))
    others = tuple(name for name in MODULES if name not in prefect)
    return Started(prefect), Started(others), Started(furniture.TOOL_MODULES, (staging.tool,))


class Model(Part):
    """The model that a predictor holds, out of MLflow's registry."""

    name = "model"
    title = "Model"
    requires = frozenset({"environment"})

    def __init__(self, order: Order, wanted: ModelWanted) -> None:
        self._staging = order.staging
        self._wanted = wanted
        self.folder = order.staging.folder / "model"
        self.exact = ""

    def make(self, host: Host, job: Job) -> str:
        self.exact = fetch_model(self._wanted, self.folder, self._staging, host, job)
        return self.exact


class Assembled(Part):
    """The layers, and the image that they are."""

    name = "image"
    title = "Image"

    def __init__(
        self, order: Order, base: FetchedBase, bytecode: KeptBytecode, model: Model | None
    ) -> None:
        self._order = order
        self._base = base
        self._bytecode = bytecode
        self._model = model
        parts = (base, bytecode, *((model,) if model else ()))
        self.requires = frozenset(part.name for part in parts)
        self.built: Built | None = None

    def make(self, host: Host, job: Job) -> str:
        from bootstrap.course.sbom import sbom_text

        order, base = self._order, self._base.base
        assert base is not None
        subject = order.staging.subject
        kind = targets.target(order.target, subject, self._model.folder if self._model else None)
        layers = self._layers(base, kind, job)
        settings = settings_of(
            base,
            {**variables_of(order.staging.place), **kind.environment},
            {
                **labels_of(subject, subject.image(targets.role_of(kind.name, subject))),
                TARGET_LABEL: kind.name,
                MOMENT_LABEL: str(order.moment),
                **({MODEL_LABEL: self._model.exact} if self._model else {}),
                **kind.labels,
            },
            kind.config,
        )
        moment = datetime.fromtimestamp(order.moment, UTC)
        sbom = sbom_text(subject.loaded, [subject.platform], moment).encode()
        self.built = assemble(base, layers, settings, sbom, order.layout, order.moment)
        return self.built.manifest.digest

    def _layers(self, base: Base, kind: Target, job: Job) -> list[Layer]:
        staging, files = self._order.staging, self._bytecode.files
        passwd, group = base.file("etc/passwd"), base.file("etc/group")
        contents: dict[str, list[Entry]] = {
            **arrange.environment_layers(staging, files),
            "mlops-bootstrap's own packages": arrange.tool_layer(staging, files),
            "The course": furniture.course_layer(staging, passwd, group),
        }
        if kind.entries:
            contents[f"For {kind.name}"] = kind.entries
        done = 0

        def on_layer(_: Layer) -> None:
            nonlocal done
            done += 1
            job.progress("layers", done, len(contents), "layers")

        order = self._order
        return make_layers(contents, order.layout, order.moment, job.cancel, on_layer)


class Removed(Part):
    """The staging, which nothing needs once the image is made: 50,000 files take seconds."""

    name = "staging"
    title = "Files of the build"
    requires = frozenset({Assembled.name})

    def __init__(self, order: Order) -> None:
        self._folder = order.staging.folder

    def make(self, host: Host, job: Job) -> str:
        with writing(self._folder):
            shutil.rmtree(self._folder)
        return "removed"
