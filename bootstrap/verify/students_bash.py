"""The student's bash: a new one, with all that its rc file does, that activates the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bootstrap.steps.shell import activate_file
from bootstrap.verify.subject import Subject

VARIABLES = (
    "CONDA_DEFAULT_ENV", "PIP_PREFIX", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH",
    "VIRTUAL_ENV",
)  # fmt: skip

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Of a new login: the environment may be active where `verify` was typed."""

SCRIPT = r"""
. "$0"
for name in $2; do printf '\n@%s %s' "$name" "${!name}"; done
printf '\n@type %s\n' "$(type python 2>&1 | head -n 1)"
python -c "$1"
"""

ASK = """
import json, sys, sysconfig
own = sysconfig.get_path("stdlib")
path = [p for p in sys.path if not p.endswith(".zip") and p.removesuffix("/lib-dynload") != own]
print("\\n@python", json.dumps({"program": sys.executable, "prefix": sys.prefix, "path": path}))
"""


@dataclass(frozen=True, slots=True)
class StudentsBash:
    """What it said. kind is bash's own word on `python`; prefix and path (sys.path without its own
    library) are empty where that Python did not start, and last_line says why."""

    variables: Mapping[str, str]
    kind: str
    program: str
    prefix: str
    path: tuple[str, ...]
    last_line: str

    @classmethod
    def ask(cls, subject: Subject) -> StudentsBash:
        """Start one, or take what it said to another check."""
        return subject.once("students bash", lambda: cls._ask(subject))

    @classmethod
    def _ask(cls, subject: Subject) -> StudentsBash:
        # A session of its own: an interactive bash would take our terminal for itself.
        script = (SCRIPT, str(activate_file(subject.view.paths)), ASK, " ".join(VARIABLES))
        done = subject.query("setsid", "--wait", "bash", "-ic", *script, env={"PATH": PATH})
        return cls.parse(done.output)

    @classmethod
    def parse(cls, output: str) -> StudentsBash:
        """Read what the script printed; whatever the rc file prints around it does not count."""
        lines = [line.partition(" ") for line in output.splitlines() if line.startswith("@")]
        said = {name[1:]: value for name, _, value in lines}
        python = json.loads(said.get("python", "{}"))
        last = [line for line in output.splitlines() if line.strip()] or [""]
        return cls(
            {name: value for name in VARIABLES if (value := said.get(name, ""))},
            said.get("type", ""),
            python.get("program", ""),
            python.get("prefix", ""),
            tuple(python.get("path", ())),
            last[-1],
        )
