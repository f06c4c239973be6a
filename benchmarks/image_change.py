"""One wheel of the lock in another version: how much of the image is new to a registry."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.image_made import build, compressed, layers_in
from benchmarks.measured import Target
from benchmarks.place import Place
from benchmarks.timing import seconds
from bootstrap.course.requirements import read_requirements
from bootstrap.steps.wheels import uv_binary, uv_cache, uv_environment
from tests.relocked import relocked, replaced, requirements_of

SMALL, LARGE = "tqdm", "pyarrow"
"""One that shares a layer with other small ones, and the largest of all."""

LIMIT = 0.15


def changes(place: Place, image: Path, root: Path) -> tuple[Target, ...]:
    """The share of new bytes for a small wheel and for the largest; image is the OCI layout of the
    image before, root a folder for the courses and images after."""
    before = {layer["digest"] for layer in layers_in(image)}
    return tuple(_change(place, name, before, root) for name in (SMALL, LARGE))


def _change(place: Place, name: str, before: set[str], root: Path) -> Target:
    text = requirements_of(place.lab.course_path)
    lock = replaced(text, name, _older(place, name))
    course = relocked(place.lab.course_path, root / f"course-{name}", lock)
    image = root / f"image-{name}"
    seconds(build(place, "--output", image, course=course), place.environ)
    after = layers_in(image)
    new = [layer for layer in after if layer["digest"] not in before]
    what = f"another {name}: new bytes of layers / all of them, < {LIMIT}"
    return Target(what, LIMIT, compressed(new) / compressed(after))


def _older(place: Place, name: str) -> str:
    """The line of a lock for the newest version before the locked one, as the index has it."""
    pins = read_requirements(place.session().blueprint.loaded.requirements)
    (pin,) = (pin for pin in pins if pin.name == name)
    options = ("--no-deps", "--generate-hashes", "--no-header", "--no-annotate", "--quiet")
    platform = ("--python-version", "3.12", "--only-binary", ":all:")
    done = subprocess.run(
        (uv_binary(), "pip", "compile", "-", *options, *platform),
        input=f"{name}<{pin.version}\n",
        env={**place.environ, **uv_environment(place.environ, uv_cache(place.paths.cache))},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
