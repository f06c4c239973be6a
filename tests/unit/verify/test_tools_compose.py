"""docker-compose in real shells: each kind reads other rc files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrap.host.marked_block import put_block, with_block, without_block
from bootstrap.verify.areas.tools.compose import judged_path, judged_plugin, judged_shadow
from bootstrap.verify.areas.tools.shells import KINDS, LOGIN, REMOTE, TERMINAL, Seen, parsed, seen
from bootstrap.verify.check import Outcome
from tests.unit.verify.subjects import look, paste, subject_in

GUARD = 'case $- in *i*) ;; *) return ;; esac\necho "Welcome! place /nowhere"\n'
"""How .bashrc begins on Debian and Ubuntu, and a greeting."""

PROFILE = 'if [ -n "$BASH_VERSION" ] && [ -f ~/.bashrc ]; then . ~/.bashrc; fi\n'
PINNED = "2.40.3"


def program(file: Path, version: str) -> Path:
    """A docker-compose that says that it is of this version."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho {version}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home as after `up`: the pinned docker-compose, and our block in two rc files."""
    made = tmp_path / "home"
    made.mkdir()
    folder = program(ours(made), PINNED).parent
    for name, text in ((".bashrc", GUARD), (".profile", PROFILE)):
        (made / name).write_text(text)
        put_block(made / name, f"export PATH={folder}:$PATH\n".encode())
    return made


def ours(home: Path) -> Path:
    return home / ".local/share/mlops-bootstrap/bin/docker-compose"


def judged(home: Path) -> dict[str, Outcome]:
    """What the checks of docker-compose find in new shells of a home, where they did not pass."""
    with subject_in(home) as subject:
        shells = seen(subject)
        found = {
            "shells": look(subject, "tools.shells"),
            "path": judged_path(shells, ours(home)),
            "shadowed": judged_shadow([s for s in shells if s.compose], PINNED),
        }
    return {name: f.outcome for name, f in found.items() if f.outcome is not Outcome.PASSED}


def shadow_in_terminals(home: Path) -> None:
    old = program(home / "soft/docker-compose", "1.29.2")
    with (home / ".bashrc").open("a") as file:
        file.write(f"export PATH={old.parent}:$PATH\n")


def alias(home: Path) -> None:
    with (home / ".bashrc").open("a") as file:
        file.write("alias docker-compose='echo 1.29.2 #'\n")


def new_bash_profile(home: Path) -> None:
    (home / ".bash_profile").write_text("export LANG=C\n")


def block_below_the_guard(home: Path) -> None:
    file = home / ".bashrc"
    block = with_block(b"", f"export PATH={ours(home).parent}:$PATH\n".encode(), "")
    file.write_bytes(without_block(file.read_bytes()) + block)


def no_block(home: Path) -> None:
    for name in (".bashrc", ".profile"):
        (home / name).write_bytes(without_block((home / name).read_bytes()))


def ends_early(home: Path) -> None:
    (home / ".profile").write_text("exit 3\n")


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        (lambda home: None, {}),
        (shadow_in_terminals, {"shadowed": Outcome.FAILED}),
        (alias, {"shadowed": Outcome.FAILED}),
        (new_bash_profile, {"path": Outcome.FAILED}),
        (no_block, {"path": Outcome.FAILED}),
        (block_below_the_guard, {"path": Outcome.WARNING}),
        (ends_early, {"shells": Outcome.FAILED, "path": Outcome.FAILED}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_one_fault_at_a_time(
    fault: Callable[[Path], None], wanted: dict[str, Outcome], home: Path
) -> None:
    fault(home)
    assert judged(home) == wanted


def test_what_shadows_is_named_and_can_be_moved_away(home: Path) -> None:
    shadow_in_terminals(home)
    with subject_in(home) as subject:
        found = judged_shadow(seen(subject), PINNED)
    assert f"1.29.2 ({home}/soft/docker-compose) comes first in: " in found.found
    assert TERMINAL.name in found.found
    assert REMOTE.name not in found.found
    paste(found.remedy)
    assert judged(home) == {}


def test_lines_in_the_wrong_place_can_be_taken_out(home: Path) -> None:
    block_below_the_guard(home)
    with subject_in(home) as subject:
        found = judged_path(seen(subject), ours(home))
    assert REMOTE.name in found.found
    sed, _, up = found.remedy.partition(" && ")
    assert up == "mlops-bootstrap up"
    paste(sed.replace("~", str(home)))
    assert (home / ".bashrc").read_text() == GUARD


def test_rc_files_are_as_they_were(home: Path) -> None:
    def content() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in home.rglob("*") if p.is_file()}

    before = content()
    judged(home)
    assert content() == before


def test_an_answer_that_breaks_off_is_not_whole() -> None:
    text = "kind file\nplace /a/docker-compose\nplace /b/docker-compose\ncompose v2.40.3\nplugin \n"
    assert parsed(LOGIN, text) == Seen(
        LOGIN, "file", (Path("/a/docker-compose"), Path("/b/docker-compose")), PINNED
    )
    assert parsed(LOGIN, f"{text}end\n").whole


@pytest.mark.parametrize(
    ("plugin", "outcome", "said"),
    [
        (PINNED, Outcome.PASSED, "3 kinds"),
        ("", Outcome.FAILED, "there is no `docker compose`"),
        ("2.26.1", Outcome.FAILED, "`docker compose` is 2.26.1 (/etc/hostname)"),
    ],
)
def test_the_plugin(plugin: str, outcome: Outcome, said: str) -> None:
    shells = [Seen(shell, plugin=plugin, whole=True) for shell in KINDS]
    found = judged_plugin(shells, PINNED, [Path("/nowhere"), Path("/etc/hostname")])
    assert found.outcome is outcome
    assert said in found.found


def test_the_installed_file_is_the_pinned_one(home: Path) -> None:
    with subject_in(home) as subject:
        damaged = look(subject, "tools.compose")
        ours(home).unlink()
        gone = look(subject, "tools.compose")
    assert "not the pinned file" in damaged.found
    assert "there is no" in gone.found
    assert damaged.outcome is gone.outcome is Outcome.FAILED
