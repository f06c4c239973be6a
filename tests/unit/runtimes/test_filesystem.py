import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bootstrap.core.errors import BootstrapError
from bootstrap.runtimes.docker.filesystem import file_system

LONG = "a" * 150  # needs more than one header block
CAPABILITY = {"SCHILY.xattr.security.capability": "\x01\x00\x00\x02"}


def ignore(_done: int, _total: int) -> None:
    pass


def base(*extra: tuple[tarfile.TarInfo, bytes]) -> Iterator[bytes]:
    """A small base in chunks that do not fall together with its blocks."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, content in extra:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    data = file.getvalue()
    return (data[start : start + 700] for start in range(0, len(data), 700))


def unpacked(stream: Iterator[bytes]) -> tuple[dict[str, tarfile.TarInfo], dict[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream)), errorlevel=2) as archive:
        assert len(archive.getnames()) == len(set(archive.getnames()))  # the engine refuses others
        members = {member.name: member for member in archive}
        files = {name: archive.extractfile(m) for name, m in members.items() if m.isreg()}
        return members, {name: file.read() for name, file in files.items() if file}


def test_the_prefix_is_at_its_path_belongs_to_root_and_can_be_read(tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    (prefix / "bin" / LONG).mkdir(parents=True)
    program = prefix / "bin" / LONG / "python3.12"
    program.write_bytes(b"\x7fELF" * 1000)
    program.chmod(0o700)
    (prefix / "bin" / "python").symlink_to(program.relative_to(prefix / "bin"))
    (prefix / "lib").symlink_to("bin")
    (prefix / "secret").write_text("x")
    (prefix / "secret").chmod(0o600)
    seen: list[tuple[int, int]] = []
    stream = file_system(base(), prefix, lambda done, total: seen.append((done, total)))
    members, files = unpacked(stream)
    here = str(prefix.relative_to("/"))
    assert members[f"{here}/bin/python"].linkname == f"{LONG}/python3.12"
    assert members[f"{here}/lib"].issym()
    assert members[f"{here}/secret"].mode == 0o644
    assert members[f"{here}/bin/{LONG}/python3.12"].mode == 0o755
    assert files[f"{here}/bin/{LONG}/python3.12"] == program.read_bytes()
    assert {(m.uid, m.gid) for m in members.values()} == {(0, 0)}
    assert seen[-1] == (4001, 4001)


def test_the_base_comes_through_whole(tmp_path: Path) -> None:
    root = tarfile.TarInfo("root")
    root.type, root.mode = tarfile.DIRTYPE, 0o700
    ping = tarfile.TarInfo("bin/ping")
    ping.uid, ping.mode, ping.pax_headers = 42, 0o4755, dict(CAPABILITY)
    link = tarfile.TarInfo("bin/ping6")
    link.type, link.linkname = tarfile.LNKTYPE, "bin/ping"
    members, files = unpacked(
        file_system(base((root, b""), (ping, b"x" * 3000), (link, b"")), tmp_path, ignore)
    )
    assert files["bin/ping"] == b"x" * 3000
    assert (members["bin/ping"].uid, members["bin/ping"].mode) == (42, 0o4755)
    assert members["bin/ping"].pax_headers.items() >= CAPABILITY.items()
    assert members["bin/ping6"].islnk()
    assert members["root"].mode == 0o700


def test_folders_above_the_prefix_are_open_also_where_the_base_closes_them(tmp_path: Path) -> None:
    closed = tarfile.TarInfo(str(tmp_path.relative_to("/")))
    closed.type, closed.mode = tarfile.DIRTYPE, 0o700
    (tmp_path / "prefix").mkdir()
    members, _ = unpacked(file_system(base((closed, b"")), tmp_path / "prefix", ignore))
    assert members[closed.name].mode == 0o755


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(contents=st.lists(st.binary(max_size=2000), max_size=6))
def test_any_sizes_fit_their_blocks(contents: list[bytes], tmp_path: Path) -> None:
    prefix = tmp_path / "p"
    prefix.mkdir(exist_ok=True)
    for old in prefix.iterdir():
        old.unlink()
    for number, content in enumerate(contents):
        (prefix / str(number)).write_bytes(content)
    in_base = [(tarfile.TarInfo(f"base/{n}"), content) for n, content in enumerate(contents)]
    _, files = unpacked(file_system(base(*in_base), prefix, ignore))
    here = prefix.relative_to("/")
    assert [files[f"{here}/{n}"] for n in range(len(contents))] == contents
    assert [files[f"base/{n}"] for n in range(len(contents))] == contents


def test_a_file_that_shrinks_meanwhile_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 3_000_000)
    stream = file_system(base(), tmp_path, ignore)
    while len(next(stream)) != 1 << 20:
        pass
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BootstrapError) as caught:
        list(stream)
    assert caught.value.code == "E-IMAGE-CONTEXT"
