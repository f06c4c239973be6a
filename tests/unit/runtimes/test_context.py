import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bootstrap.core.errors import BootstrapError
from bootstrap.runtimes.docker.context import build_context

LONG = "a" * 150  # needs more than one header block


def ignore(_done: int, _total: int) -> None:
    pass


def test_the_prefix_is_in_env_tar_at_its_path_and_belongs_to_root(tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    (prefix / "bin" / LONG).mkdir(parents=True)
    program = prefix / "bin" / LONG / "python3.12"
    program.write_bytes(b"\x7fELF" * 1000)
    program.chmod(0o700)
    (prefix / "bin" / "python").symlink_to(program.relative_to(prefix / "bin"))
    (prefix / "lib").symlink_to("bin")
    (prefix / "secret").write_text("x")
    (prefix / "secret").chmod(0o600)
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM x")
    seen: list[tuple[int, int]] = []
    context = b"".join(build_context([dockerfile], prefix, lambda d, t: seen.append((d, t))))
    with tarfile.open(fileobj=io.BytesIO(context), errorlevel=2) as outer:
        assert outer.getnames() == ["Dockerfile", "env.tar"]
        env = outer.extractfile("env.tar")
        assert env is not None
        with tarfile.open(fileobj=env) as inner:
            members = {m.name: m for m in inner.getmembers()}
            here = str(prefix.relative_to("/"))
            assert members[f"{here}/bin/python"].linkname == f"{LONG}/python3.12"
            assert members[f"{here}/lib"].issym()
            assert members[f"{here}/secret"].mode == 0o644
            packed = members[f"{here}/bin/{LONG}/python3.12"]
            assert packed.mode == 0o755
            content = inner.extractfile(packed)
            assert content is not None
            assert content.read() == program.read_bytes()
            assert {(m.uid, m.gid) for m in members.values()} == {(0, 0)}
    assert seen[-1][0] == seen[-1][1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(contents=st.lists(st.binary(max_size=2000), max_size=6))
def test_any_sizes_fit_their_blocks(contents: list[bytes], tmp_path: Path) -> None:
    prefix = tmp_path / "p"
    prefix.mkdir(exist_ok=True)
    for old in prefix.iterdir():
        old.unlink()
    for number, content in enumerate(contents):
        (prefix / str(number)).write_bytes(content)
    context = b"".join(build_context([], prefix, ignore))
    with tarfile.open(fileobj=io.BytesIO(context)) as outer:
        env = outer.extractfile("env.tar")
        assert env is not None
        with tarfile.open(fileobj=env) as inner:
            files = {m.name.rpartition("/")[2]: m for m in inner.getmembers() if m.isfile()}
            read = [inner.extractfile(files[str(n)]) for n in range(len(contents))]
            assert [f.read() for f in read if f] == contents


def test_a_file_that_shrinks_meanwhile_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 3_000_000)
    stream = build_context([], tmp_path, ignore)
    while len(next(stream)) != 1 << 20:
        pass
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BootstrapError) as caught:
        list(stream)
    assert caught.value.code == "E-IMAGE-CONTEXT"
