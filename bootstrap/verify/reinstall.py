"""How damaged files of an environment are had anew.

`up` looks at the metadata of packages, so that is what has to go. uv links files from its cache,
where the same damage may be: it would hand the damaged file back. rattler checks its cache itself.
"""

from __future__ import annotations

import importlib.util
import shlex
from collections.abc import Collection
from pathlib import Path

from bootstrap.generation.contents import name_and_version
from bootstrap.generation.files import Damage
from bootstrap.steps.wheels import uv_binary, uv_cache

MANY = 10
"""Packages from which on the whole environment is made anew."""


def reinstall(damages: Collection[Damage], prefix: Path, caches: Path) -> str:
    """The command that brings the damaged files back as they were."""
    if importlib.util.find_spec("uv") is None:  # in an image, which nothing is installed into
        return "docker run it anew, from the image as it was built: nothing in it can be mended"
    packages = sorted({damage.metadata for damage in damages})
    names = [name_and_version(path.name)[0] for path in packages if path.suffix == ".dist-info"]
    away = packages if len(packages) < MANY else [prefix]
    words = [["rm", "-r", *map(str, away)]]
    if names:
        cache = ("--cache-dir", str(uv_cache(caches)))
        which = names if len(packages) < MANY else ()
        words.append([uv_binary(), "cache", "clean", *cache, *which])
    words.append(["mlops-bootstrap", "up"])
    return " && ".join(map(shlex.join, words))
