from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, UsageError
from bootstrap.generation.contents import Contents
from bootstrap.generation.installed import Installed
from bootstrap.generation.links import Links
from bootstrap.host.host import this_machine
from bootstrap.machine.selection import Selection, save_selection
from bootstrap.support import facts
from bootstrap.support.hide import hide_for, known_secrets
from bootstrap.support.part import Scene
from bootstrap.support.parts import PARTS


def scene_of(home: Path, **environ: str) -> Scene:
    socket = f"unix://{home}/no.sock"
    view, host = this_machine({"HOME": str(home), "DOCKER_HOST": socket, **environ})
    return Scene(view, host, Cancel(), UsageError("E-COURSE-MISSING", "there is no course"))


def part(name: str, scene: Scene) -> object:
    (found,) = (part for part in PARTS if part.name == name)
    return found.read(scene)


def test_the_environment_is_told_by_counts_and_drift(tmp_path: Path) -> None:
    digest = "ab" * 32
    prefix = tmp_path / f"mlops-zoomcamp-{digest[:12]}"
    info = prefix / "lib" / "python3.12" / "site-packages" / "numpy-1.0.dist-info"
    info.mkdir(parents=True)
    for file in ("RECORD", "INSTALLER"):
        (info / file).touch()
    (prefix / "conda-meta").mkdir()
    (prefix / "conda-meta" / "python-3.12.1-0.json").write_text('{"files": []}')
    wanted = Contents({"python": "3.12.1-0"}, {"numpy": "2.0", "pandas": "1"})
    Installed(prefix, digest, "3.12.1", wanted).write()
    Links(tmp_path).switch(prefix)
    told = facts.environment(tmp_path)
    assert told["conda"] == {"found": 1, "locked": 1}
    assert told["wheels"] == {"found": 1, "locked": 2}
    assert [(d["package"], d["found"], d["wanted"]) for d in told["drift"]] == [
        ("numpy", "1.0", "2.0"),
        ("pandas", "", "1"),
    ]


def test_versions_say_for_each_what_is_not_there(tmp_path: Path) -> None:
    told = facts.versions(scene_of(tmp_path))
    assert told["tool"]
    assert told["git"].startswith("git version")
    assert told["engine"]["code"] == "E-ENGINE-LOST"
    assert told["lock"]["code"] == "E-COURSE-MISSING"
    assert told["environment"]["code"] == "E-NOT-UP"


def test_machine_and_resources(tmp_path: Path) -> None:
    proxy = {"HTTPS_PROXY": "http://bob:pr0xypass@proxy:3128"}
    told = facts.machine(scene_of(tmp_path, **proxy))
    assert told["memory_bytes"] > 0
    assert told["proxies"] == {"https_proxy": "http://bob:***@proxy:3128"}
    resources = facts.resources(scene_of(tmp_path))
    assert 0 < resources["memory"]["MemAvailable"] <= resources["memory"]["MemTotal"]
    assert {purpose for disk in resources["disks"] for purpose in disk["of"]} >= {"home", "system"}
    assert all(0 <= disk["free"] <= disk["total"] for disk in resources["disks"])


def test_only_our_lines_of_an_rc_file_are_told(tmp_path: Path) -> None:
    ours = "# >>> mlops-bootstrap >>>\n. env.sh\n# <<< mlops-bootstrap <<<\n"
    (tmp_path / ".bashrc").write_text(f"export SECRET=1\n{ours}alias ll='ls -l'\n")
    (tmp_path / ".profile").write_text("export OTHER=2\n")
    told = part("shell.txt", scene_of(tmp_path))
    assert told == f"{tmp_path}/.profile\nno lines of ours\n{tmp_path}/.bashrc\n{ours}"
    (tmp_path / ".profile").write_text("# >>> mlops-bootstrap >>>\nexport OTHER=2\n")
    with pytest.raises(BootstrapError) as caught:
        part("shell.txt", scene_of(tmp_path))
    assert caught.value.code == "E-SHELL-BLOCK"
    assert "OTHER" not in str(caught.value)


def test_an_engine_that_does_not_answer_is_a_finding(tmp_path: Path) -> None:
    assert part("engine.json", scene_of(tmp_path)) == {"reach": "no socket"}


def test_secrets_that_only_this_machine_knows(tmp_path: Path) -> None:
    scene = scene_of(tmp_path)
    config = scene.view.paths.config
    (config / "secrets" / "a-course").mkdir(parents=True)
    (config / "secrets" / "a-course" / "mlflow.env").write_text("PGPASSWORD='open sesame'\n\n")
    save_selection(config, Selection(source="http://me%40x:tok-en@mirror:80/a?b"))
    assert known_secrets(scene.view) == {"open sesame", "me%40x", "me@x", "tok-en"}
    hide = hide_for(scene)
    told = hide(f"{tmp_path}/x: open sesame, open%20sesame, tok-en, me@x")
    assert told == "~/x: <hidden>, <hidden>, <hidden>, <hidden>"
