"""What the locks of a course want in an environment, as one value."""

from __future__ import annotations

from collections.abc import Mapping

from bootstrap.course.load import load_course
from bootstrap.course.locate import find_course
from bootstrap.generation import Generation
from bootstrap.generation.fingerprint import fingerprint
from bootstrap.host.paths import Paths


def locked_fingerprint(course: str, environ: Mapping[str, str]) -> str:
    """The fingerprint of a course (PATH or NAME) as locked; the same for all its processors.

    Raises UsageError for a course that cannot be used.
    """
    loaded = load_course(find_course(course, environ))
    arch = loaded.course.requirements.arch[0]
    return fingerprint(Generation(loaded, arch, Paths.of(environ)).contents)
