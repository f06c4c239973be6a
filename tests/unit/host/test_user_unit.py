"""A unit for a user's systemd, read by systemd; it runs in tests/e2e/test_fresh_native.py."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bootstrap.core.cancel import Cancel
from bootstrap.host.command import Command
from bootstrap.host.user_unit import UserUnit, unit

AWKWARD = "a 'b' \"c\" $HOME 100% \\n ; # $"


def test_systemd_reads_what_is_written_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "100% mine"
    folder.mkdir()
    file = tmp_path / "tried.service"
    what = Command(("/bin/echo", "-n", AWKWARD), {"ODD": AWKWARD}, cwd=folder)
    file.write_text(unit(what, folder / "log"))
    argv = ("systemd-analyze", "verify", "--user", "--man=no", str(file))
    environ = {"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_home_that_systemd_does_not_know_gets_none(tmp_path: Path) -> None:
    assert not UserUnit("tried", tmp_path).lasts


def test_it_can_be_removed_where_systemd_does_not_run(tmp_path: Path) -> None:
    tried = UserUnit("tried", tmp_path)
    tried.remove(Cancel())
    enabled = tried.file.parent / "default.target.wants" / tried.file.name
    enabled.parent.mkdir(parents=True)
    tried.file.write_text(unit(Command(("true",)), tmp_path / "log"))
    enabled.symlink_to(tried.file)
    tried.remove(Cancel())
    assert [file for file in tmp_path.rglob("*") if not file.is_dir()] == []
