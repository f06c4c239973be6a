"""What uv says when it fails, as one of our errors. The words are those of uv 0.9 to 0.13."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.core.writing import disk_full
from bootstrap.course.requirements import WheelPin

MISMATCH = re.compile(r"Hash mismatch for `([^`]+)`")
COMPUTED = re.compile(r"Computed:\s*((?:sha256:[0-9a-f]{64}\s*)+)")
DAMAGED = re.compile(r"Failed to extract archive: (\S+)")
PACKAGE = re.compile(r"Failed to (?:download|fetch)(?: and build)? `([^`]+)`")
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
ADDRESS = re.compile(r"https?://[^\s)`]+")
NO_ROOM = ("no space left", "os error 28", "quota exceeded", "os error 122")
REFUSED = ("status client error", "no solution found", "was not found in the package registry")
BUSY = ("(408", "(425", "(429")
CUT = ("network timeout", "error decoding response body", "reading a body", "end of file before")
UNREACHED = ("error sending request", "status server error", "dns error", "connect error")

REMEDY = "check the network, proxy and index settings (UV_DEFAULT_INDEX, PIP_INDEX_URL)"
PIN_REMEDY = "do not use it: tell who runs the index, or update the pin if the change is meant"


def explained(output: str, pins: Sequence[WheelPin], prefix: Path) -> BootstrapError:
    """The error for an install that uv ended with this output."""
    lines = [line.strip() for line in CREDENTIALS.sub("", output).splitlines()]
    # Its warnings and the name of the environment come first and are no part of what went wrong.
    said = " ".join(line for line in lines if line and not line.startswith(("warning:", "Using ")))
    said = said[said.find("error:") :] if "error:" in said else said
    low = said.lower()
    address = ADDRESS.search(said)
    where = address[0] if address else "the Python index"
    host = urlsplit(where).netloc or where
    if any(sign in low for sign in NO_ROOM):
        return disk_full(str(prefix))
    if wrong := _wrong_content(said, pins):
        return wrong
    if any(sign in low for sign in REFUSED) and not any(sign in low for sign in BUSY):
        return BootstrapError(
            "E-DOWNLOAD", f"the index does not give a wheel: {said}", where=where, remedy=REMEDY
        )
    if any(sign in low for sign in CUT):
        return TransientError(
            "E-DOWNLOAD-CUT", f"fetching wheels broke off: {said}", where=where, remedy=REMEDY
        )
    if any(sign in low for sign in (*UNREACHED, *BUSY)):
        what = f"fetching wheels from {host} failed: {said}"
        return TransientError("E-HOST-UNREACHABLE", what, where=where, remedy=REMEDY)
    return BootstrapError(
        "E-WHEELS", f"installing wheels failed: {said}", where="uv",
        remedy="run `mlops-bootstrap up` again; report the journal if it stays",
    )  # fmt: skip


def _wrong_content(said: str, pins: Sequence[WheelPin]) -> BootstrapError | None:
    if mismatch := MISMATCH.search(said):
        found = COMPUTED.search(said)
        return _not_as_pinned(mismatch[1], found[1].strip() if found else "another", pins)
    damaged = DAMAGED.search(said)
    if damaged and not any(sign in said.lower() for sign in CUT):
        package = PACKAGE.search(said)
        name = package[1] if package else damaged[1]
        return _not_as_pinned(name, f"of a damaged archive ({damaged[1]})", pins)
    return None


def _not_as_pinned(package: str, found: str, pins: Sequence[WheelPin]) -> BootstrapError:
    name = package.partition("==")[0]
    pinned = next((", ".join(pin.hashes) for pin in pins if pin.name == name), "another")
    return BootstrapError(
        "E-DIGEST", f"the wheel of {package} is not what was pinned: {found}, pinned {pinned}",
        where=package, remedy=PIN_REMEDY,
    )  # fmt: skip
