"""Root file systems made of Debian packages, for the images."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.lab.commands import run
from tests.lab.debian import source_line
from tests.lab.oci import EPOCH

TAR = "rootfs.tar"
# Nothing in an image is read by people, and LLVM alone (PostgreSQL compiles queries with it if it
# is there) would be half of the bytes.
LEFT_OUT = (
    "/usr/share/doc/*",
    "/usr/share/i18n/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/man/*",
    "/usr/lib/*/libLLVM*",
    "/usr/lib/postgresql/*/lib/bitcode/*",
    "/usr/lib/postgresql/*/lib/llvmjit*",
)


@dataclass(frozen=True)
class Rootfs:
    """A Debian suite with some packages on top of the minimum."""

    suite: str
    packages: tuple[str, ...]
    early: tuple[str, ...] = ()  # shell lines with "$1", run before these packages are installed
    late: tuple[str, ...] = ()  # and in the finished tree

    def build(self, target: Path) -> None:
        """Install the packages into a tree and keep that as a tar below `target`."""
        options = [f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT]
        options += [f"--essential-hook={hook}" for hook in self.early]
        options += [f"--customize-hook={hook}" for hook in self.late]
        # Debian's tool keeps the result the same, byte for byte, for the same packages.
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH), "LC_ALL": "C.UTF-8"}
        # setpriv: when the build is killed, this long part of it does not go on alone.
        words = [
            "setpriv",
            "--pdeathsig",
            "TERM",
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            "--architectures=amd64",
        ]
        include = [f"--include={','.join(self.packages)}"] if self.packages else []
        place = [self.suite, str(target / TAR), source_line(self.suite)]
        run([*words, *include, *options, *place], env=environment, deadline=1200)


POSTGRES_ID = 70  # in the image that this one stands for: volumes and `user:` may name it
PASSWD_LINE = f"postgres:x:{POSTGRES_ID}:{POSTGRES_ID}::/var/lib/postgresql:/bin/sh"

# debconf writes its answers in another order each time.
FORGET = 'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/debconf/*'

PYTHON_BASE = Rootfs(
    "bookworm",
    ("ca-certificates", "libgomp1", "netbase", "python3", "python3-pip", "tzdata"),
    late=(FORGET,),
)
POSTGRES = Rootfs(
    "trixie",
    ("libnss-wrapper", "postgresql-17"),  # the wrapper: initdb under a user id without a name
    early=(
        f'echo "postgres:x:{POSTGRES_ID}:" >> "$1"/etc/group',
        f'echo "{PASSWD_LINE}" >> "$1"/etc/passwd',
        # The package would make a cluster, of no use here and different each time.
        'mkdir -p "$1"/etc/postgresql-common',
        'echo create_main_cluster = false > "$1"/etc/postgresql-common/createcluster.conf',
    ),
    late=(
        # A certificate of its own that each installation makes.
        'rm -f "$1"/etc/ssl/private/ssl-cert-snakeoil.key "$1"/etc/ssl/certs/ssl-cert-snakeoil.pem',
        'find "$1"/etc/ssl/certs -xtype l -delete',
        FORGET,
        f'test "$(stat -c %u "$1"/var/lib/postgresql)" = {POSTGRES_ID}',
        'test ! -e "$1"/var/lib/postgresql/17',
    ),
)
