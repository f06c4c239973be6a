"""Install the conda packages of an explicit specification: FILE PREFIX [MIRROR]."""

import asyncio
import os
import sys
from pathlib import Path

import rattler
from rattler.package import BuildString
from rattler.repo_data import PackageRecord, RepoDataRecord


def record(line: str, mirror: str) -> RepoDataRecord:
    """Give the package of a line, ADDRESS#sha256:DIGEST, as a channel would describe it."""
    url, _, digest = line.partition("#sha256:")
    channel, subdir, filename = url.rsplit("/", 2)
    stem = filename.removesuffix(".conda").removesuffix(".tar.bz2")
    name, version, build = stem.rsplit("-", 2)
    number = build.rpartition("_")[2]
    package = PackageRecord(
        name=name,
        version=version,
        build=BuildString(build),
        build_number=int(number) if number.isdigit() else 0,
        subdir=subdir,
        sha256=bytes.fromhex(digest),
    )
    address = mirror.rstrip("/") + "/" + url.partition("://")[2] if mirror else url
    return RepoDataRecord(package, file_name=filename, url=address, channel=channel)


def main(specification: str, prefix: str, mirror: str = "") -> None:
    """Install every package, none of its scripts."""
    lines = Path(specification).read_text().split("@EXPLICIT", 1)[1].split()
    records = [record(line, mirror) for line in lines]
    asyncio.run(rattler.install(records, target_prefix=prefix, execute_link_scripts=False))
    # rattler's threads may crash the interpreter while it ends; all files are written.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
