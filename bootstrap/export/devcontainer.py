"""A development container: devcontainer.json, and the Dockerfile that it builds."""

from __future__ import annotations

import json
import shlex

from bootstrap.export import dockerfile
from bootstrap.export.subject import Subject, commented

FOLDER = ".devcontainer"

_APT = """\

# The course's Debian packages. Debian's archive keeps one version, so there is none to pin.
USER root
# hadolint ignore=DL3008
RUN apt-get update \\
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends {packages} \\
    && rm -rf /var/lib/apt/lists/*
USER {uid}:{uid}
"""


def render(subject: Subject) -> dict[str, str]:
    """The files of the folder by name. Raises UsageError E-EXPORT-IMAGE."""
    header = subject.header("devcontainer")
    docker = dockerfile.text(subject, commented(header))
    if subject.course.packages:
        packages = shlex.join(sorted(subject.course.packages))
        docker += _APT.format(packages=packages, uid=dockerfile.UID)
    # devcontainer.json is JSON with comments.
    described = commented(header, "//") + json.dumps(_description(subject), indent=2) + "\n"
    return {"Dockerfile": docker, "devcontainer.json": described}


def _description(subject: Subject) -> dict[str, object]:
    build = {"dockerfile": "Dockerfile"}
    return {"name": subject.course.title, "build": build, **metadata(subject)}


def metadata(subject: Subject) -> dict[str, object]:
    """What an editor is told of a container that holds the environment, however it was built."""
    ports = {s.port: name for name, s in sorted(subject.course.services.items()) if s.port}
    python = f"{dockerfile.prefix_of(subject)}/bin/python"
    return {
        "remoteUser": dockerfile.USER,
        "updateRemoteUserUID": True,
        "forwardPorts": sorted(ports),
        "portsAttributes": {str(port): {"label": ports[port]} for port in sorted(ports)},
        "customizations": {
            "vscode": {
                "extensions": ["ms-python.python", "ms-toolsai.jupyter"],
                "settings": {"python.defaultInterpreterPath": python},
            }
        },
    }
