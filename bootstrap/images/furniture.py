"""What is in an image beside its packages: a user, this tool, the course, and where things are.

Everything whose name or content changes with any package is here, in one small layer.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import bootstrap
from bootstrap.course.locate import compose_directory, shipped_courses, tool_requirements
from bootstrap.course.lockfile import lock_text
from bootstrap.export.dockerfile import UID, USER
from bootstrap.generation.installed import COMPLETE, KEPT
from bootstrap.host.paths import APP
from bootstrap.images.arrange import TOOL_PLACE
from bootstrap.images.entries import EXECUTABLE, Entry
from bootstrap.images.staging import Staging
from bootstrap.steps.shell import activation_script

HOME = f"/home/{USER}"
SHARE, COURSE = "opt/mlops-bootstrap/share", "opt/mlops-bootstrap/course"
ENVIRONMENTS, ACTIVATE = f"{SHARE}/{APP}/envs", f"{SHARE}/{APP}/shell/activate.sh"
SOURCE = f". /{ACTIVATE}\n".encode()
"""The line of a shell that activates the environment."""
SKIPPED = frozenset({"__pycache__", "data"})

_LAUNCHER = """\
#!{prefix}/bin/python -IS
import os
import sys

# The environment is where it is whatever HOME a container is given; there is no other course here.
os.environ["XDG_DATA_HOME"] = "/{share}"
os.environ.setdefault("MLOPS_BOOTSTRAP_COURSE", "/{course}")
sys.path.insert(0, "/{lib}")

from bootstrap.cli.main import main

main()
"""

TOOL_PACKAGES = (
    "annotated-types", "certifi", "charset-normalizer", "click", "docker", "idna", "jinja2",
    "markdown-it-py", "markupsafe", "mdurl", "packaging", "psutil", "pydantic", "pydantic-core",
    "pygments", "pyyaml", "requests", "rich", "tenacity", "tomlkit", "typing-extensions",
    "typing-inspection", "urllib3",
)  # fmt: skip
"""What looking at a machine needs; what installs and locks (uv, rattler, conda-lock) is 200 MB."""

TOOL_MODULES = (
    "bootstrap.cli.verify", "bootstrap.cli.options", "bootstrap.cli.output",
    "bootstrap.report.checks.display", "bootstrap.report.checks.table",
    "bootstrap.report.pages.page", "bootstrap.report.outputs", "bootstrap.verify.reporting",
    "bootstrap.verify.verification", "docker", "jinja2", "pydantic", "requests", "rich.console",
    "tenacity",
)  # fmt: skip
"""What `verify` begins with."""


def own_package() -> dict[str, Path]:
    """The files of this tool by their path below its packages, as a wheel of it would have them."""
    package = Path(bootstrap.__file__).parent
    files = {f"bootstrap/{path}": file for path, file in _below(package, SKIPPED).items()}
    for course in shipped_courses().values():
        name = course.parent.name
        inside = _below(course.parent, SKIPPED)
        files |= {f"bootstrap/data/envs/{name}/{path}": file for path, file in inside.items()}
    compose = _below(compose_directory(), SKIPPED)
    files |= {f"bootstrap/data/compose/{path}": file for path, file in compose.items()}
    return {**files, "bootstrap/data/scripts/requirements.txt": tool_requirements()}


def own_digest() -> str:
    """One value for this tool as it goes into images, its packages by their pins."""
    whole = hashlib.sha256(repr(TOOL_PACKAGES).encode())
    for path, file in sorted(own_package().items()):
        whole.update(path.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def course_layer(staging: Staging, passwd: bytes, group: bytes) -> list[Entry]:
    """The layer of what is not packages; passwd and group are those of the base."""
    return [
        *_environment(staging),
        *_course(staging),
        *_user(passwd, group),
        Entry("usr/local/bin/mlops-bootstrap", _launcher(staging), EXECUTABLE),
        # A login shell sets PATH anew.
        Entry("etc/profile.d/mlops-bootstrap.sh", SOURCE),
    ]


def _environment(staging: Staging) -> list[Entry]:
    """The environment under the name that it has on a machine, and what says that it is whole."""
    generation, place = staging.generation, staging.place.lstrip("/")
    current = Path(f"/{ENVIRONMENTS}/current")
    return [
        Entry.of_file(f"{place}/{COMPLETE}", staging.prefix / COMPLETE),
        *(
            Entry.of_file(f"{place}/{KEPT}/{file.name}", file)
            for file in (staging.prefix / KEPT).iterdir()
        ),
        Entry(f"{ENVIRONMENTS}/{generation.prefix.name}", link=staging.place, mode=0o777),
        Entry(f"{ENVIRONMENTS}/current", link=generation.prefix.name, mode=0o777),
        Entry(ACTIVATE, activation_script(current, {})),
    ]


def _course(staging: Staging) -> list[Entry]:
    loaded = staging.subject.loaded
    files = {
        "course.yml": loaded.path.read_bytes(),
        loaded.conda_lock.name: lock_text(loaded.conda_lock).encode(),
        loaded.requirements.name: lock_text(loaded.requirements).encode(),
    }
    return [Entry(f"{COURSE}/{name}", content) for name, content in files.items()]


def _user(passwd: bytes, group: bytes) -> list[Entry]:
    """A user without rights, with a home; one that the base has by that number stays what it is."""
    line = f"{USER}:x:{UID}:{UID}::{HOME}:/bin/bash\n".encode()
    own_group = f"{USER}:x:{UID}:\n".encode()
    home = HOME.lstrip("/")
    return [
        Entry("etc/passwd", _added(passwd, line)),
        Entry("etc/group", _added(group, own_group)),
        Entry.folder(home, EXECUTABLE, UID),
        Entry(f"{home}/.bashrc", SOURCE, owner=UID),
    ]


def _added(accounts: bytes, line: bytes) -> bytes:
    taken = any(one.split(b":")[2:3] == [str(UID).encode()] for one in accounts.splitlines())
    return accounts if taken else accounts.rstrip(b"\n") + b"\n" + line


def _launcher(staging: Staging) -> bytes:
    text = _LAUNCHER.format(prefix=staging.place, share=SHARE, course=COURSE, lib=TOOL_PLACE)
    return text.encode()


def _below(folder: Path, skipped: frozenset[str]) -> dict[str, Path]:
    """The files of a folder by their path in it, without those of folders to skip."""
    found = {}
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        if file.is_file() and not skipped & set(path.parts) and not path.name.startswith("."):
            found[str(path)] = file
    return found
