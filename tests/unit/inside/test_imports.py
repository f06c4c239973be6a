"""Which modules count, and that each is tried by itself, in a real interpreter of its own."""

from __future__ import annotations

import json
import subprocess
import textwrap
import venv
from pathlib import Path
from typing import Any

import pytest

from bootstrap.inside import INSIDE, imports

WANTED = {
    "a package": (["requests/__init__.py", "requests/api.py"], ["requests"]),
    "a module": (["six.py", "__pycache__/six.cpython-312.pyc"], ["six"]),
    "a compiled module": (["cramjam/cramjam.abi3.so", "cramjam/__init__.py"], ["cramjam"]),
    "a module of the C API": (["spam.abi3.so", "spam.libs/libz.so"], ["spam"]),
    "a namespace": (["ruamel/yaml/__init__.py", "ruamel/one.py"], ["ruamel.one", "ruamel.yaml"]),
    "programs": (["../../../bin/x", "x-1.dist-info/RECORD", "x.data/scripts/y.py"], []),
    "files that are no code": (["share/a.txt", "typed/py.typed", "stubs-x/a.pyi"], []),
    "what import cannot name": (["my-script.py", "a-b/__init__.py"], []),
    "private ones and tests": (["_x.abi3.so", "tests/__init__.py"], ["_x", "tests"]),
}


@pytest.mark.parametrize("case", WANTED)
def test_what_counts(case: str) -> None:
    files, wanted = WANTED[case]
    assert imports.modules(files) == wanted


def test_those_that_bring_in_most_come_first() -> None:
    requires = {"a": {"b"}, "b": {"c", "absent"}, "c": {"b"}, "d": set(), "e": {"a", "d"}}
    assert imports.by_weight(requires) == ["e", "a", "b", "c", "d"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    venv.create(tmp_path / "env", symlinks=True)
    return next((tmp_path / "env" / "lib").glob("python*/site-packages"))


def add(site: Path, name: str, requires: str = "", **modules: str) -> None:
    """A distribution with modules of this source."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    (info / "METADATA").write_text(metadata)
    (info / "RECORD").write_text("".join(f"{module}.py,,\n" for module in modules))
    for module, text in modules.items():
        (site / f"{module}.py").write_text(textwrap.dedent(text))


def told(site: Path, *, together: bool = False) -> dict[str, Any]:
    asked, answered = site / "asked.json", site / "answered.json"
    asked.write_text(json.dumps({"at_once": 2, "together": together}))
    python = site.parents[2] / "bin" / "python"
    argv = [python, "-I", INSIDE / "imports.py", asked, answered]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(answered.read_text())
    return found


@pytest.mark.parametrize("together", [False, True])
def test_each_failure_is_named_with_its_distribution(site: Path, together: bool) -> None:
    add(site, "good", good="import json; print('hello')")
    add(site, "bad", bad="import no_such_module", fine="")
    add(site, "leaving", leaving="import sys; sys.exit('not here')")
    add(site, "dying", dying="import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    add(site, "online", online="import socket; socket.create_connection(('127.0.0.1', 9))")
    answer = told(site, together=together)
    assert answer["imported"] == ["fine", "good"]
    failed = {m: (f["distribution"], f["error"]) for m, f in answer["failed"].items()}
    assert failed == {
        "bad": ("bad", "ModuleNotFoundError: No module named 'no_such_module'"),
        "leaving": ("leaving", "SystemExit: not here"),
        "dying": ("dying", "its process ended with -11"),
        "online": ("online", "OSError: importing must not need a network"),
    }
    assert answer["distributions"] == dict.fromkeys(
        ("good", "bad", "leaving", "dying", "online"), "1.0"
    )


def test_one_cannot_make_another_succeed_or_fail(site: Path) -> None:
    add(site, "early", early="import sys; sys.modules['late_needs'] = sys; sys.path.clear()")
    add(site, "late", late="import late_needs")
    answer = told(site)
    assert answer["imported"] == ["early"]
    assert "late_needs" in answer["failed"]["late"]["error"]


def test_what_fails_with_others_is_tried_by_itself(site: Path) -> None:
    add(site, "early", early="import sys; sys.modules['json'] = None")
    add(site, "late", late="import json")
    assert told(site, together=True)["failed"] == {}


def test_many_in_one_process_do_not_fill_its_pipe(site: Path) -> None:
    add(site, "many", **{f"module_of_a_long_name_{number}": "" for number in range(400)})
    assert len(told(site)["imported"]) == 400


def test_a_part_of_another_is_imported_through_it(site: Path) -> None:
    part = "import sys\nif 'whole' not in sys.modules: raise ImportError('import whole first')"
    add(site, "part", part=part)
    add(site, "whole", requires="part>=1; extra == 'part'", whole="import part")
    answer = told(site)
    assert answer["imported"] == ["part", "whole"]
    assert answer["failed"] == {}


def test_a_module_that_does_not_end_is_named(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (INSIDE / "imports.py").read_text().replace("SECONDS = 180", "SECONDS = 1")
    (site / "quick.py").write_text(text)
    add(site, "slow", slow="import time; time.sleep(60)")
    asked, answered = site / "asked.json", site / "answered.json"
    asked.write_text(json.dumps({"at_once": 1, "together": False}))
    argv = [site.parents[2] / "bin" / "python", "-I", site / "quick.py", asked, answered]
    subprocess.run(argv, check=True, capture_output=True)
    failed = json.loads(answered.read_text())["failed"]
    assert failed["slow"]["error"] == "no end within 1 s"
