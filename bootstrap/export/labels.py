"""What an image says about itself."""

from __future__ import annotations

from bootstrap.course.images import ImageReference
from bootstrap.export.subject import Subject

LOCKS_LABEL = "mlops-bootstrap.locks"


def labels_of(subject: Subject, base: ImageReference) -> dict[str, str]:
    """Labels by the names of the OCI's specification where it has any (annotations.md, 1.1)."""
    course = subject.course
    return {
        "org.opencontainers.image.title": course.name,
        "org.opencontainers.image.description": f"{course.title}: the course environment",
        "org.opencontainers.image.source": course.repository.url,
        "org.opencontainers.image.revision": course.repository.commit,
        "org.opencontainers.image.base.name": str(base).partition("@")[0],
        "org.opencontainers.image.base.digest": base.digest,
        LOCKS_LABEL: f"sha256:{subject.digest}",
    }
