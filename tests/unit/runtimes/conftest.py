"""The native services of the shipped course, in a home whose name has to be quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap.course.load import load_course
from bootstrap.course.locate import compose_directory, find_course
from bootstrap.generation import Generation
from bootstrap.host.paths import Paths
from bootstrap.runtimes.native import native_folder
from bootstrap.runtimes.native.stack import NativeStack


@pytest.fixture
def stack(tmp_path: Path) -> NativeStack:
    loaded = load_course(find_course(None, {}))
    paths = Paths.of({"HOME": str(tmp_path / "100% mine")})
    return NativeStack(
        project=loaded.name,
        folder=native_folder(paths, loaded.name),
        scripts=compose_directory(),
        home=paths.home,
        generation=Generation(loaded, "x86_64", paths),
        services=loaded.course.services,
        ports={"mlflow": 5001, "prefect": 4201},
        bind="127.0.0.1",
    )
