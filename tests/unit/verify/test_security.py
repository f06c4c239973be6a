"""Who may read secrets, what is published, and where credentials stand: real files and sockets."""

from __future__ import annotations

import secrets
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrap.host.marked_block import put_block
from bootstrap.runtimes.docker.secrets import ensure_secrets
from bootstrap.verify.areas.security.credentials import (
    block,
    holds_credential,
    kind_of,
    weaknesses,
)
from bootstrap.verify.areas.security.published import judged
from bootstrap.verify.check import Outcome
from tests.unit.verify.subjects import look, paste, subject_in

CONFIG = ".config/mlops-bootstrap"
SECRETS = f"{CONFIG}/secrets/mlops-zoomcamp"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n"
TOKEN = "ghp_" + "x" * 36


def put(file: Path, text: str, mode: int) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with everything that can have a wrong mode, all of it right."""
    made = tmp_path / "home"
    made.mkdir(mode=0o755)
    (made / CONFIG).mkdir(mode=0o700, parents=True)
    ensure_secrets(made / SECRETS, ())
    put(made / ".ssh/id_ed25519", KEY, 0o600)
    put(made / ".ssh/id_ed25519.pub", "ssh-ed25519 AAAA ann\n", 0o644)
    put(made / ".ssh/authorized_keys", "ssh-ed25519 AAAA ann\n", 0o644)
    put(made / ".ssh/config", "Host course\n", 0o644)
    put(made / ".aws/credentials", "[default]\n", 0o600)
    put(made / ".aws/config", "[default]\n", 0o644)
    return made


def modes(home: Path) -> dict[str, Outcome]:
    """What the checks of modes find, where they did not pass."""
    with subject_in(home) as subject:
        found = {c: look(subject, f"security.{c}").outcome for c in ("secrets", "ssh", "aws")}
    return {code: outcome for code, outcome in found.items() if outcome is not Outcome.PASSED}


def test_right_modes(home: Path) -> None:
    assert modes(home) == {}


@pytest.mark.parametrize(
    ("path", "mode", "code", "outcome"),
    [
        (CONFIG, 0o755, "secrets", Outcome.FAILED),
        (SECRETS, 0o711, "secrets", Outcome.FAILED),
        (f"{SECRETS}/postgres.env", 0o644, "secrets", Outcome.FAILED),
        (".ssh", 0o755, "ssh", Outcome.WARNING),
        (".ssh", 0o777, "ssh", Outcome.FAILED),
        (".ssh/id_ed25519", 0o644, "ssh", Outcome.FAILED),
        (".ssh/authorized_keys", 0o664, "ssh", Outcome.FAILED),
        (".", 0o775, "ssh", Outcome.FAILED),
        (".aws/credentials", 0o644, "aws", Outcome.FAILED),
        (".aws/config", 0o666, "aws", Outcome.FAILED),
        (".aws", 0o777, "aws", Outcome.FAILED),
    ],
)
def test_a_wrong_mode_is_found_and_its_remedy_mends_it(
    path: str, mode: int, code: str, outcome: Outcome, home: Path
) -> None:
    (home / path).chmod(mode)
    assert modes(home) == {code: outcome}
    assert stat.S_IMODE((home / path).stat().st_mode) == mode, "the check changed it"
    with subject_in(home) as subject:
        paste(look(subject, f"security.{code}").remedy)
    assert modes(home) == {}


def test_where_there_is_nothing_there_is_nothing_to_say(tmp_path: Path) -> None:
    with subject_in(tmp_path) as subject:
        for code in ("secrets", "ssh", "aws", "passwords"):
            assert look(subject, f"security.{code}").outcome is Outcome.SKIPPED


def test_a_link_that_leads_nowhere_is_no_key(home: Path) -> None:
    (home / ".ssh/agent").symlink_to(home / "nowhere")
    assert modes(home) == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text, ""),
        (lambda text: "POSTGRES_PASSWORD=postgres\n", "POSTGRES_PASSWORD in postgres.env is a def"),
        (lambda text: f"{text}MLFLOW_PASSWORD=\n", "MLFLOW_PASSWORD in postgres.env is empty"),
    ],
)
def test_passwords(change: Callable[[str], str], said: str, home: Path) -> None:
    file = home / SECRETS / "postgres.env"
    file.write_text(change(file.read_text()))
    with subject_in(home) as subject:
        found = look(subject, "security.passwords")
    assert found.outcome is (Outcome.FAILED if said else Outcome.PASSED)
    assert said in found.found


def test_a_password_is_never_shown() -> None:
    text = "PGPASSWORD='hunter2'\n# PGPASSWORD\nUSER=ann\n"
    assert dict(weaknesses(text)) == {"PGPASSWORD": "is a default or easy to guess"}
    assert not dict(weaknesses(f"PGPASSWORD={secrets.token_hex(24)}\n"))


@pytest.mark.parametrize(
    ("places", "chosen", "outcome", "said"),
    [
        ([], "127.0.0.1", Outcome.PASSED, "nothing"),
        ([("127.0.0.1", 5000), ("::1", 4200)], "127.0.0.1", Outcome.PASSED, "ports 5000, 4200"),
        ([("::ffff:127.0.0.1", 5000)], "127.0.0.1", Outcome.PASSED, "ports 5000"),
        ([("0.0.0.0", 5000)], "127.0.0.1", Outcome.FAILED, "port 5000 on 0.0.0.0"),
        ([("", 5000)], "127.0.0.1", Outcome.FAILED, "port 5000 on all addresses"),
        ([("::", 5000), ("127.0.0.1", 4200)], "127.0.0.1", Outcome.FAILED, "port 5000 on ::"),
        ([("10.0.0.5", 5000)], "10.0.0.5", Outcome.WARNING, "--bind 10.0.0.5"),
        ([("10.0.0.5", 5000), ("0.0.0.0", 1)], "10.0.0.5", Outcome.FAILED, "port 1 on 0.0.0.0"),
    ],
)
def test_what_is_published(
    places: list[tuple[str, int]], chosen: str, outcome: Outcome, said: str
) -> None:
    found = judged(places, chosen)
    assert found.outcome is outcome
    assert said in found.found


@pytest.mark.parametrize(
    ("address", "outcome"), [("127.0.0.1", Outcome.PASSED), ("0.0.0.0", Outcome.FAILED)]
)
def test_a_socket_that_listens(address: str, outcome: Outcome, tmp_path: Path) -> None:
    with socket.create_server((address, 0)) as service:
        ports = {"mlflow": service.getsockname()[1], "prefect": 1}
        with subject_in(tmp_path, ports=ports) as subject:
            assert look(subject, "security.listeners").outcome is outcome


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("export https_proxy=http://ann:s3cret@proxy:3128", "a password in a URL"),
        ("export MLFLOW_TRACKING_TOKEN=abc", "a secret in a variable"),
        ("export aws_secret_access_key='abc'", "a secret in a variable"),
        (f"git clone https://{TOKEN}@host/x", "a token"),
        ("export MLFLOW_TRACKING_URI=http://127.0.0.1:5000", ""),
        ("export TOKEN=$(pass show token)", ""),
        ('[ -r "$HOME/x@y:z" ] && . env.sh', ""),
    ],
)
def test_what_a_credential_looks_like(line: str, kind: str) -> None:
    assert kind_of(line) == kind


@pytest.mark.parametrize(
    "name", [".bashrc", ".profile", ".local/share/mlops-bootstrap/shell/env.sh"]
)
def test_a_credential_in_what_we_wrote(name: str, home: Path) -> None:
    file, secret = home / name, "export PREFECT_API_KEY=pnu_" + "k" * 36 + "\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix:
        file.write_text(secret)
    else:
        put_block(file, secret.encode())
    with subject_in(home) as subject:
        found = look(subject, "security.rc-files")
    assert found.outcome is Outcome.FAILED
    assert found.found == f"a token in {file}"


def test_what_a_student_wrote_is_the_students_own(home: Path) -> None:
    put_block(home / ".bashrc", b". env.sh\n")
    with (home / ".bashrc").open("a") as file:
        file.write("export MY_TOKEN=abc\n")
    assert block((home / ".bashrc").read_text()) == ". env.sh\n"
    with subject_in(home) as subject:
        assert look(subject, "security.rc-files").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (f"https://{TOKEN}@github.com/ann/x.git", True),
        ("https://ann:s3cret@github.com/ann/x.git", True),
        ("https://ann@github.com/ann/x.git", False),
        ("https://github.com/ann/x.git", False),
        ("git@github.com:ann/x.git", False),
        ("ssh://git@github.com/ann/x.git", False),
    ],
)
def test_a_remote_with_a_credential(url: str, wanted: bool) -> None:
    assert holds_credential(url) is wanted
