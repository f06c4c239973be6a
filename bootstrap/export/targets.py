"""What a course can be exported to, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bootstrap.export import (
    cloud_init,
    conda_explicit,
    devcontainer,
    dockerfile,
    github_action,
    gitlab_ci,
    pixi,
    requirements,
)
from bootstrap.export.subject import Subject

FILES: Mapping[str, Callable[[Subject], str]] = {
    "dockerfile": dockerfile.render,
    "github-action": github_action.render,
    "gitlab-ci": gitlab_ci.render,
    "cloud-init": cloud_init.render,
    "requirements": requirements.render,
    "conda-explicit": conda_explicit.render,
    "pixi": pixi.render,
}
"""The targets that are one file."""

FOLDERS: Mapping[str, tuple[str, Callable[[Subject], dict[str, str]]]] = {
    "devcontainer": (devcontainer.FOLDER, devcontainer.render),
}
"""The targets that are a folder: its usual name, and what gives its files by name."""

TARGETS = (*FILES, *FOLDERS)
