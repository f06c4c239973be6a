"""An image of the course by digest, under a local name of ours."""

from __future__ import annotations

from bootstrap.core.retry import retrying
from bootstrap.core.step import Job, Observation, Step
from bootstrap.course.images import ImageReference
from bootstrap.host.docker_view import Reach
from bootstrap.host.host import Host, HostView
from bootstrap.sources.source import Source

NAMESPACE = "mlops-bootstrap/"
"""What the local names of all our images begin with."""


class PinnedImage(Step[HostView, Host]):
    """The image with the pinned digest, pulled from wherever the source has it.

    The engine keeps digests by the name an image was pulled under, which differs by source: a tag
    of ours is what the rest refers to, and it counts only while the digest is behind it.
    """

    requires = frozenset({"engine"})

    def __init__(self, role: str, reference: ImageReference, source: Source) -> None:
        self.name = f"image-{role}"
        self.title = f"Image {role}"
        self._reference = reference
        self._repository = f"{NAMESPACE}{role}"
        self._remote = source.image(reference.name)

    @property
    def local(self) -> str:
        """The local name of the image."""
        return f"{self._repository}:{self._tag}"

    @property
    def _tag(self) -> str:
        return self._reference.digest.removeprefix("sha256:")[:12]

    def observe(self, view: HostView) -> Observation:
        wanted = self._reference.digest[:19]
        if view.engine.reach() is not Reach.ANSWERS:
            return Observation(False, "no engine yet", wanted)
        image = view.engine.image(self.local)
        if image is None:
            return Observation(False, "not pulled", wanted)
        digests = {d.partition("@")[2] for d in image.get("RepoDigests") or ()}
        if self._reference.digest not in digests:
            return Observation(False, "another image", wanted)
        return Observation(True, wanted, wanted)

    def apply(self, host: Host, job: Job) -> None:
        digest = self._reference.digest
        job.note(f"pulling {self._reference}")
        for attempt in retrying(job):
            with attempt:
                image = host.engine.pull(
                    self._remote,
                    digest,
                    job.cancel,
                    lambda done, total: job.progress("layers", done, total, "bytes"),
                )
        host.engine.tag(image, self._repository, self._tag)
