"""A pin as rattler wants it: a record of a channel's repodata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootstrap.course.condalock import CondaPin

if TYPE_CHECKING:
    from rattler.repo_data import RepoDataRecord


def repodata_record(pin: CondaPin, url: str) -> RepoDataRecord:
    """The record of a pin whose archive is at this URL."""
    # Imported here: a machine that is up already is told so without rattler.
    from rattler.package import BuildString
    from rattler.repo_data import PackageRecord, RepoDataRecord

    number = pin.build.rpartition("_")[2]
    package = PackageRecord(
        name=pin.name,
        version=pin.version,
        build=BuildString(pin.build),
        build_number=int(number) if number.isdigit() else 0,
        subdir=pin.subdir,
        sha256=bytes.fromhex(pin.sha256),
        md5=bytes.fromhex(pin.md5) if pin.md5 else None,
        depends=list(pin.dependencies),
    )
    return RepoDataRecord(package, file_name=pin.filename, url=url, channel=pin.channel)
