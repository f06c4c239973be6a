"""Signatures: valid, invalid, missing; and files that are no secret."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.core.errors import UsageError
from bootstrap.verify.report import Report
from bootstrap.verify.signature import Secret, Signed, read_secret
from tests.unit.verify.reports import report

KEY = b"0123456789abcdef"
SECRET = Secret(KEY)


def secret_file(folder: Path, content: bytes = KEY, mode: int = 0o600) -> Path:
    file = folder / "course secret"
    file.write_bytes(content)
    file.chmod(mode)
    return file


def test_a_signed_report_is_valid_after_a_way_through_a_file() -> None:
    signed = json.loads(json.dumps(SECRET.sign(report().document()), indent=1))
    assert SECRET.check(signed) is Signed.VALID
    assert Report.model_validate(signed).signature is not None


def test_what_is_signed_is_stable() -> None:
    # As `openssl dgst -sha256 -hmac 0123456789abcdef` has it for '{"a":"\\u00e9","b":1}'.
    signature = SECRET.sign({"b": 1, "a": "\u00e9", "signature": None})["signature"]
    assert signature == {
        "algorithm": "HMAC-SHA256",
        "key_id": "d9244ce7549b365a",
        "value": "deaaf5515d08a8d1ba2619057bd2351d6bebab4cdde27bf2f4cd9e891087fb72",
    }


def test_a_report_without_a_signature() -> None:
    assert SECRET.check(report().document()) is Signed.MISSING
    assert SECRET.check({"a": 1}) is Signed.MISSING


@pytest.mark.parametrize(
    "signature",
    [
        {},
        "x",
        1,
        {"algorithm": "none", "value": ""},
        {"algorithm": "HMAC-SHA256", "value": "\u00e9"},
    ],
)
def test_a_signature_that_is_none(signature: object) -> None:
    assert SECRET.check({"a": 1, "signature": signature}) is Signed.INVALID


def test_another_secret() -> None:
    other = Secret(b"fedcba9876543210")
    assert other.check(SECRET.sign({"a": 1})) is Signed.INVALID
    assert other.key_id != SECRET.key_id


@given(
    st.sampled_from(["tool", "runtime", "seconds", "checks", "more"]),
    st.one_of(st.integers(), st.text(), st.booleans()),
)
def test_no_field_can_be_changed(field: str, value: object) -> None:
    signed = SECRET.sign(report().document())
    changed = {**signed, field: value}
    assert (SECRET.check(changed) is Signed.VALID) == (changed == signed)


@given(st.binary(min_size=16, max_size=64))
def test_nothing_shows_the_key(key: bytes) -> None:
    secret = Secret(key)
    shown = json.dumps(secret.sign({"a": 1})) + repr(secret)
    assert key.hex() not in shown
    assert key.decode("latin-1") not in shown


def test_blanks_around_a_secret_do_not_count(tmp_path: Path) -> None:
    assert read_secret(secret_file(tmp_path, KEY + b"\n")) == SECRET


@pytest.mark.parametrize(
    ("content", "mode", "why"),
    [
        (KEY, 0o644, "can be read by others"),
        (KEY, 0o640, "can be read by others"),
        (b"", 0o600, "is empty"),
        (b" \n", 0o600, "is empty"),
        (b"0123456789abcde\n", 0o600, "holds 15 bytes"),
        (b"x" * 4097, 0o600, "holds more than 4096 bytes"),
    ],
)
def test_files_that_are_no_secret(tmp_path: Path, content: bytes, mode: int, why: str) -> None:
    file = secret_file(tmp_path, content, mode)
    with pytest.raises(UsageError, match=why) as caught:
        read_secret(file)
    assert caught.value.code == "E-SIGN-SECRET"
    assert "'" in caught.value.remedy, "the path in the remedy is quoted"


def test_what_is_not_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, why in (("pipe", "is not a file"), ("gone", "No such file"), (".", "Is a directory")):
        with pytest.raises(UsageError, match=why):
            read_secret(tmp_path / name)
