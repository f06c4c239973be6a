"""Comparing an image with what its locks make, as the last step of making it again."""

from __future__ import annotations

from bootstrap.core.step import Job
from bootstrap.host.host import Host
from bootstrap.images.compare import Difference, differences
from bootstrap.images.found import FoundImage
from bootstrap.images.steps import Assembled, Order, Part


class Compared(Part):
    """The differences between an image that was found and the one that was made."""

    name = "compare"
    title = "Comparison"

    def __init__(self, order: Order, image: Assembled, found: FoundImage) -> None:
        self.requires = frozenset({image.name})
        self._order = order
        self._image = image
        self._found = found
        self.differences: tuple[Difference, ...] | None = None

    def make(self, host: Host, job: Job) -> str:
        built = self._image.built
        assert built is not None
        self.differences = differences(self._found, built, self._order.layout, job.cancel)
        return f"{len(self.differences)} differences" if self.differences else "the same image"
