"""A Dockerfile that builds the student's environment from its locks, without this tool.

Everything that it needs stands in it, so that it builds without a context. The locks are written by
`printf` and not in here-documents, which engines before 23 do not know. Installers stay in stages
of their own; the layer of the wheels is apart from that of Python, so that another wheel does not
ship Python again. Certificates come as a secret of the build, and so into no layer.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template

from bootstrap.export.conda_explicit import explicit_lines
from bootstrap.export.labels import labels_of
from bootstrap.export.requirements import requirement_line
from bootstrap.export.subject import Subject, commented, installers
from bootstrap.generation.started import MODULES

USER, UID = "student", 1000

_INSIDE = Path(__file__).parent / "inside"

_LONGEST = 60_000
"""Characters of one RUN: a shell takes no argument of more than 128 KiB."""

_USE = (
    "",
    "docker build --tag NAME - < Dockerfile",
    "",
    "needs BuildKit: Docker Engine 23 or later, before that DOCKER_BUILDKIT=1. Where downloads do",
    "not go straight to the internet:",
    "  --secret id=ca,src=FILE             certificates to check downloads with; not in the image",
    "  --build-arg PIP_INDEX_URL=URL       where wheels come from; no password in it",
    "  --build-arg SOURCE=URL              a mirror of conda packages: URL/HOST/PATH; as above",
    "  --build-arg BASE=NAME@sha256:...    the same base from another registry",
)

_TEXT = Template("""\
$header

# $base
ARG BASE=$pinned

# Installers, by hash; the image has none of them.
FROM $${BASE} AS tools
$tools
ARG PIP_INDEX_URL
RUN --mount=type=secret,id=ca,target=/run/ca.pem \\
    if [ -s /run/ca.pem ]; then export PIP_CERT=/run/ca.pem; fi; \\
    python3 -m pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore \\
    --no-deps --require-hashes --only-binary :all: --target /tools --requirement /tmp/tools.txt

# Python and its libraries.
FROM tools AS conda
$script
$conda
ARG SOURCE
RUN --mount=type=secret,id=ca,target=/run/ca.pem \\
    [ "$$(uname -m)" = $arch ] || { echo "this file is for $arch" >&2; exit 1; }; \\
    if [ -s /run/ca.pem ]; then export SSL_CERT_FILE=/run/ca.pem; fi; \\
    PYTHONPATH=/tools python3 /tmp/install_conda.py /tmp/conda.txt $prefix "$${SOURCE}" \\
    && chmod -R a+rX $prefix

# The packages of Python: the layout of the environment, in a folder of their own.
FROM conda AS wheels
$wheels
ARG PIP_INDEX_URL
RUN --mount=type=secret,id=ca,target=/run/ca.pem \\
    if [ -s /run/ca.pem ]; then export SSL_CERT_FILE=/run/ca.pem; fi; \\
    if [ -n "$${PIP_INDEX_URL}" ]; then export UV_DEFAULT_INDEX="$${PIP_INDEX_URL}"; fi; \\
    /tools/bin/uv pip install --no-cache --no-progress --no-deps --require-hashes \\
    --only-binary :all: --break-system-packages \\
    --python $prefix/bin/python --prefix /wheels --requirement /tmp/wheels.txt
# Bytecode of what is started, for in the image nobody may write any.
$compile
RUN HOME=/tmp/home PYTHONPATH=$$(echo /wheels/lib/python*/site-packages) \\
    $prefix/bin/python /tmp/import_modules.py \\
    $modules

FROM $${BASE}
$labels
RUN useradd --uid $uid --create-home --shell /bin/bash $user
COPY --from=conda $prefix $prefix
COPY --from=wheels /wheels $prefix
# PYTHONDONTWRITEBYTECODE: the environment belongs to root.
ENV $variables
USER $uid:$uid
WORKDIR /home/$user
CMD ["bash"]
""")


def render(subject: Subject) -> str:
    """The whole Dockerfile. Raises UsageError E-EXPORT-IMAGE."""
    return text(subject, commented((*subject.header("dockerfile"), *_USE)))


def text(subject: Subject, header: str) -> str:
    """The Dockerfile under another header."""
    return _TEXT.substitute(
        header=header.rstrip("\n"),
        base=str(subject.base).partition("@")[0],
        pinned=subject.base.pinned,
        tools=_written("/tmp/tools.txt", map(requirement_line, installers())),  # noqa: S108 - in the build
        script=_script("install_conda.py"),
        conda=_written("/tmp/conda.txt", explicit_lines(subject)),  # noqa: S108
        wheels=_written("/tmp/wheels.txt", map(requirement_line, subject.wheels)),  # noqa: S108
        compile=_script("import_modules.py"),
        modules=" \\\n    ".join(MODULES),
        arch=subject.arch,
        prefix=prefix_of(subject),
        variables=" \\\n    ".join(map("=".join, variables_of(prefix_of(subject)).items())),
        labels=_labels(subject),
        user=USER,
        uid=UID,
    )


def prefix_of(subject: Subject) -> str:
    """Where the environment is in the image."""
    return f"/opt/{subject.course.name}"


def variables_of(prefix: str) -> dict[str, str]:
    """The variables of a container with an environment at a prefix."""
    return {
        "PATH": f"{prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "CONDA_PREFIX": prefix,
        "LANG": "C.UTF-8",
        "GIT_PYTHON_REFRESH": "quiet",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _script(name: str) -> str:
    """The instructions that write a script of ours."""
    lines = (_INSIDE / name).read_text().rstrip("\n").splitlines()
    return _written(f"/tmp/{name}", lines)  # noqa: S108


def _written(path: str, lines: Iterable[str]) -> str:
    """The instructions that write lines into a file, a line of it each."""
    instructions = []
    for number, part in enumerate(_parts(lines)):
        quoted = "".join(f"    {shlex.quote(line)} \\\n" for line in part)
        instructions.append(f"RUN printf '%s\\n' \\\n{quoted}    {'>>' if number else '>'} {path}")
    return "\n".join(instructions)


def _parts(lines: Iterable[str]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for line in lines:
        if part and size + len(line) > _LONGEST:
            yield part
            part, size = [], 0
        part.append(line)
        size += len(line)
    yield part


def _labels(subject: Subject) -> str:
    labels = labels_of(subject, subject.base).items()
    return "LABEL " + " \\\n      ".join(f"{name}={_quoted(value)}" for name, value in labels)


def _quoted(value: str) -> str:
    for special in ("\\", '"', "$"):
        value = value.replace(special, f"\\{special}")
    return f'"{value}"'
