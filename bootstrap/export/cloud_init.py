"""User data of cloud-init: a fresh virtual machine that brings itself up."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from bootstrap.course.lockfile import lock_text
from bootstrap.export.as_yaml import as_yaml
from bootstrap.export.subject import Subject, commented
from bootstrap.export.tool import install_script

FIRST_BOOT = "/usr/local/sbin/mlops-bootstrap-first-boot"
COURSES = "/usr/local/share/mlops-bootstrap"

PACKAGES = ("ca-certificates", "git", "python3", "python3-venv", "sudo")

_USE = (
    "",
    "The log is /var/log/cloud-init-output.log. The machine's first user becomes the course's: the",
    "one with the number 1000, whom images of Ubuntu and Debian make and let use sudo.",
)

# `su --login` and not runuser: it reads /etc/environment, where a proxy would stand.
_BECOME = """\
#!/usr/bin/env bash
if [ "$(id -u)" = 0 ]; then
  exec su --login "$(id -nu 1000)" --command "$0"
fi
# Debian leaves the folders of root's programs out of a user's PATH.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
"""


def render(subject: Subject) -> str:
    """The user data. Raises UsageError E-EXPORT-TOOL."""
    # The first line is how cloud-init knows what it is given.
    header = commented((*subject.header("cloud-init"), *_USE))
    return "#cloud-config\n" + header + as_yaml(_config(subject))


def _config(subject: Subject) -> dict[str, Any]:
    files = [] if subject.shipped else _course_files(subject)
    return {
        "package_update": True,
        "packages": list(PACKAGES),
        "write_files": [_file(FIRST_BOOT, _first_boot(subject), "0755"), *files],
        "runcmd": [[FIRST_BOOT]],
    }


def _first_boot(subject: Subject) -> str:
    up = f'"$HOME/.local/bin/mlops-bootstrap" up --course {_course(subject)} --yes --plain\n'
    return _BECOME + install_script(subject) + up


def _course(subject: Subject) -> str:
    if subject.shipped:
        return subject.course.name
    return shlex.quote(_place(subject, subject.loaded.path))


def _place(subject: Subject, path: Path) -> str:
    return f"{COURSES}/{subject.course.name}/{path.name}"


def _course_files(subject: Subject) -> list[dict[str, str]]:
    """A course of one's own: nothing else would bring it to a machine that has nothing yet."""
    loaded = subject.loaded
    paths = (loaded.path, loaded.conda_lock, loaded.requirements)
    return [_file(_place(subject, path), lock_text(path), "0644") for path in paths]


def _file(path: str, content: str, permissions: str) -> dict[str, str]:
    return {"path": path, "permissions": permissions, "content": content}
