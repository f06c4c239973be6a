"""A certificate that is out of date, refused by the real TLS library."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bootstrap.host.network import head
from bootstrap.preflight import network
from bootstrap.preflight.needs import Needs
from tests.unit.preflight.test_machine import MACHINE


def certificate(path: Path, begins: datetime.timedelta, ends: datetime.timedelta) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key, valid between these times from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(pem) + secret)
    return path


def handshakes(listening: socket.socket, context: ssl.SSLContext) -> None:
    """Shake hands with whoever comes, until the socket is closed."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with closing(connection):
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                continue


@pytest.fixture(params=[(1, 2, "not yet valid"), (-2, -1, "has expired")])
def refused(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path, str]]:
    begins, ends, words = request.param
    day = datetime.timedelta(days=1)
    pem = certificate(tmp_path / "pem", begins * day, ends * day)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=handshakes, args=(listening, context))
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/", pem, words
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_certificate_that_is_out_of_date(refused: tuple[str, Path, str]) -> None:
    url, pem, words = refused
    answer = head(url, {"REQUESTS_CA_BUNDLE": str(pem)})
    assert answer.clock_suspected
    assert words in answer.error


def test_preflight_points_at_the_clock(refused: tuple[str, Path, str]) -> None:
    url, pem, words = refused
    needs = Needs(MACHINE, hosts=(("a", url),), environ={"REQUESTS_CA_BUNDLE": str(pem)})
    (problem,) = network.check(needs)
    assert problem.code == "E-CLOCK"
    assert words in problem.what


def test_an_unknown_issuer_is_not_the_clocks_fault(refused: tuple[str, Path, str]) -> None:
    url, _, _ = refused
    answer = head(url)
    assert not answer.clock_suspected
    assert "self-signed" in answer.error
