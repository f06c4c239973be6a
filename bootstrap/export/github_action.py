"""A workflow of GitHub Actions: a fresh runner is brought up and verified."""

from __future__ import annotations

from typing import Any

from bootstrap.export.as_yaml import as_yaml
from bootstrap.export.subject import Subject, commented
from bootstrap.export.tool import REPORT, course_in_repository, install_script

RUNNERS = {"x86_64": "ubuntu-24.04", "aarch64": "ubuntu-24.04-arm"}

CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"
"""v4.2.2"""

UPLOAD = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02"
"""v4.6.2"""

_USE = (
    "",
    "Put it into .github/workflows. Actions are pinned by commit: checkout is v4.2.2,",
    "upload-artifact v4.6.2.",
)
_UP = 'mlops-bootstrap up --course "$COURSE" --yes --plain\n'
_VERIFY = f'mlops-bootstrap verify --course "$COURSE" --json > {REPORT}\n'
_SHELL = "set -euo pipefail\n"
_PATH = 'echo "$HOME/.local/bin" >> "$GITHUB_PATH"\n'


def render(subject: Subject) -> str:
    """The workflow. Raises UsageError E-EXPORT-TOOL, E-EXPORT-COURSE."""
    header = commented((*subject.header("github-action"), *_USE))
    return header + as_yaml(_workflow(subject))


def _workflow(subject: Subject) -> dict[str, Any]:
    return {
        "name": "course environment",
        "on": {"push": {}, "pull_request": {}, "workflow_dispatch": {}},
        "permissions": {"contents": "read"},
        "jobs": {
            "verify": {
                "name": subject.course.title,
                "runs-on": RUNNERS[subject.arch],
                "timeout-minutes": 60,
                "env": {"COURSE": course_in_repository(subject)},
                "defaults": {"run": {"shell": "bash"}},
                "steps": _steps(subject),
            }
        },
    }


def _steps(subject: Subject) -> list[dict[str, Any]]:
    checkout = {
        "name": "Check this repository out",
        "uses": CHECKOUT,
        "with": {"persist-credentials": False},
    }
    return [
        # A shipped course comes with the tool.
        *([] if subject.shipped else [checkout]),
        {"name": "Install mlops-bootstrap", "run": install_script(subject) + _PATH},
        {"name": "Bring the machine up", "run": _SHELL + _UP},
        {"name": "Verify it", "run": _SHELL + _VERIFY},
        {
            "name": "Upload the report",
            "if": "always()",
            "uses": UPLOAD,
            "with": {"name": "mlops-bootstrap-report", "path": REPORT},
        },
    ]
