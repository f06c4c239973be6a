"""Signatures of reports: an HMAC with a secret that a course shares out."""

from __future__ import annotations

import enum
import hashlib
import hmac
import json
import os
import shlex
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bootstrap.core.errors import UsageError

ALGORITHM = "HMAC-SHA256"

SHORTEST = 16
"""Bytes of a secret: 128 bits where they are random."""

LONGEST = 4096
"""Bytes of a file that can be meant as a secret."""

KEY_ID = b"key id of mlops-bootstrap reports"


class Signed(enum.StrEnum):
    """What a signature says. Without a secret to check it with it says nothing yet."""

    VALID = "valid"
    INVALID = "invalid"
    MISSING = "missing"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Secret:
    """The secret of a course."""

    key: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """Tells secrets apart: another HMAC, so that it gives no hint of the secret."""
        return self._hmac(KEY_ID)[:16]

    def sign(self, report: dict[str, Any]) -> dict[str, Any]:
        """The report with its signature, in place of one that it had."""
        return {
            **report,
            "signature": {
                "algorithm": ALGORITHM,
                "key_id": self.key_id,
                "value": self._hmac(canonical(report)),
            },
        }

    def check(self, report: dict[str, Any]) -> Signed:
        """Whether the report is signed with this secret, and unchanged since."""
        signature = report.get("signature")
        if signature is None:
            return Signed.MISSING
        if not isinstance(signature, dict) or signature.get("algorithm") != ALGORITHM:
            return Signed.INVALID
        value = str(signature.get("value")).encode(errors="replace")
        same = hmac.compare_digest(self._hmac(canonical(report)).encode(), value)
        return Signed.VALID if same else Signed.INVALID

    def _hmac(self, message: bytes) -> str:
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()


def canonical(report: dict[str, Any]) -> bytes:
    """What is signed: the report without its signature as JSON, keys sorted, no spaces, ASCII."""
    rest = {key: value for key, value in report.items() if key != "signature"}
    return json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def read_secret(file: Path) -> Secret:
    """The secret in a file, without blanks around it.

    Raises UsageError E-SIGN-SECRET for a file that cannot be read, that others can read, or that
    holds too little or too much to be a secret.
    """
    try:
        # Not to wait for a writer, where it is a pipe.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as opened:
            mode = os.fstat(descriptor).st_mode
            content = opened.read(LONGEST + 1) if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise _refused(file, f"cannot be read: {error.strerror or error}") from error
    if not stat.S_ISREG(mode):
        raise _refused(file, "is not a file")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise _refused(file, "can be read by others", f"chmod 600 {shlex.quote(str(file))}")
    key = content.strip()
    if not key:
        raise _refused(file, "is empty")
    if len(key) < SHORTEST:
        raise _refused(file, f"holds {len(key)} bytes; a secret has {SHORTEST} at least")
    if len(content) > LONGEST:
        raise _refused(file, f"holds more than {LONGEST} bytes: that is no secret")
    return Secret(key)


def _refused(file: Path, why: str, remedy: str = "") -> UsageError:
    make = f"make one: (umask 077; openssl rand -hex 32 > {shlex.quote(str(file))})"
    return UsageError("E-SIGN-SECRET", f"the secret {why}", where=str(file), remedy=remedy or make)
