import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home where nothing was chosen yet, and none of the variables that choose."""
    folder = tmp_path_factory.mktemp("home")
    for name in tuple(os.environ):
        if name.startswith(("MLOPS_BOOTSTRAP_", "XDG_", "SOURCE_DATE_EPOCH")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    return folder
