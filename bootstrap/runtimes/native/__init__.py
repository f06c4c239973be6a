"""Services as plain processes of this user, below a supervisor: no Docker, no root."""

from __future__ import annotations

from pathlib import Path

from bootstrap.host.paths import Paths

FOLDER = "native"
"""Below the data folder: what the services of each course are, have and log."""


def native_folder(paths: Paths, course: str) -> Path:
    """Where the services of a course are, run natively."""
    return paths.data / FOLDER / course
