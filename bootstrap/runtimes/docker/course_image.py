"""The course image: the student's own environment on a plain base, for every service."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bootstrap.core.step import Job, Observation, Step
from bootstrap.generation import Generation
from bootstrap.host.docker_view import Reach
from bootstrap.host.host import Host, HostView
from bootstrap.runtimes.docker.filesystem import file_system
from bootstrap.runtimes.docker.image import NAMESPACE, PinnedImage

INPUTS_LABEL = "mlops-bootstrap.inputs"
GENERATION_LABEL = "mlops-bootstrap.generation"
FILLED = "-environment"
"""Behind the name of a course's images: what they are built on, the base with the environment."""


class CourseImage(Step[HostView, Host]):
    """An image made from this base, this generation and this Dockerfile.

    The generation is already on the machine, checked against its lock: nothing is downloaded.
    """

    name = "image-course"
    title = "Course image"

    def __init__(
        self, course: str, base: PinnedImage, generation: Generation, compose: Path
    ) -> None:
        self.requires = frozenset({"engine", "bytecode", base.name})
        self._base = base.local
        self._prefix = generation.prefix
        self._files = tuple(
            compose / name
            for name in ("Dockerfile", "proof_flow.py", "healthcheck.py", "mlflow_server.py")
        )
        self._generation = generation.digest
        self._inputs = self._digest(generation.digest)
        self._repository = f"{NAMESPACE}{course}"

    @property
    def local(self) -> str:
        """The local name of the image; it changes with everything the image is made from."""
        return f"{self._repository}:{self._inputs[:12]}"

    def observe(self, view: HostView) -> Observation:
        wanted = self._inputs[:12]
        if view.engine.reach() is not Reach.ANSWERS:
            return Observation(False, "no engine yet", wanted)
        image = view.engine.image(self.local)
        if image is None:
            return Observation(False, "not built", wanted)
        labels = image["Config"].get("Labels") or {}
        if labels.get(INPUTS_LABEL) != self._inputs:
            return Observation(False, "made from something else", wanted)
        return Observation(True, wanted, wanted)

    def apply(self, host: Host, job: Job) -> None:
        def on_progress(done: int, total: int) -> None:
            job.progress("environment into image", done, total, "bytes")

        filled = f"{self._repository}{FILLED}:{self._inputs[:12]}"
        with host.engine.exported(self._base) as base:
            stream = file_system(base, self._prefix, on_progress)
            host.engine.import_image(stream, filled, job.cancel)
        host.engine.build(
            self._files,
            tag=self.local,
            arguments={"BASE": filled, "PREFIX": str(self._prefix)},
            labels={INPUTS_LABEL: self._inputs, GENERATION_LABEL: self._generation},
            cancel=job.cancel,
            on_line=job.note,
        )

    def _digest(self, generation: str) -> str:
        digest = hashlib.sha256(f"{self._base}\0{generation}\0{self._prefix}\0".encode())
        for file in self._files:
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()
