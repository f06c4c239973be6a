"""A pipeline of GitLab CI: a container of the course's base image is brought up and verified."""

from __future__ import annotations

import shlex
from typing import Any

from bootstrap.export.as_yaml import as_yaml
from bootstrap.export.subject import Subject, commented
from bootstrap.export.tool import REPORT, course_in_repository, install_script

_USE = (
    "",
    "Put it into .gitlab-ci.yml, or include it there. A job's container has no Docker, so services",
    "run as processes.",
)
_APT = "apt-get update -qq\napt-get install -y -qq --no-install-recommends {packages}\n"
_UP = 'mlops-bootstrap up --course "$COURSE" --runtime native --yes --plain\n'
_VERIFY = f'mlops-bootstrap verify --course "$COURSE" --json > {REPORT}\n'
_PATH = 'cd "$CI_PROJECT_DIR"\nexport PATH="$HOME/.local/bin:$PATH"\n'

NEEDED = ("ca-certificates", "git")
"""Debian packages without which the tool does not get onto the image."""


def render(subject: Subject) -> str:
    """The pipeline. Raises UsageError E-EXPORT-TOOL, E-EXPORT-COURSE, E-EXPORT-IMAGE."""
    return commented((*subject.header("gitlab-ci"), *_USE)) + as_yaml(_pipeline(subject))


def _pipeline(subject: Subject) -> dict[str, Any]:
    return {
        "verify": {
            "image": subject.base.pinned,
            "timeout": "60 minutes",
            "variables": {"COURSE": course_in_repository(subject)},
            "before_script": [_APT.format(packages=shlex.join(NEEDED))],
            "script": [install_script(subject) + _PATH + _UP + _VERIFY],
            "artifacts": {"when": "always", "paths": [REPORT], "expire_in": "4 weeks"},
        }
    }
