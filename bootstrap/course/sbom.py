"""A course environment's bill of materials (SBOM), in CycloneDX's JSON, from its locks alone.

What the hashes say: a conda package is one file, so its sha256 is the component's. A wheel is
locked with the sha256 of each file that may be installed, one for each platform or so. Where that
is one file, its sha256 is the component's too. Several are not hashes of one thing: each is then a
reference of the type `distribution` with a hash of its own, as CycloneDX advises. A reference must
have an address, and a lock of wheels knows none: there the file is named by its hash (`ni:`,
RFC 6920), which says no place.

What the graph says: what a conda package needs stands in its lock, what a wheel needs in the
comments `# via`. The course itself needs what was asked for, and what nothing else needs: every
wheel where the lock has no such comments.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from cyclonedx.exception.model import InvalidUriException
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from requests.utils import requote_uri

from bootstrap import __version__
from bootstrap.core.errors import UsageError
from bootstrap.course.load import LoadedCourse
from bootstrap.course.lockfile import lock_error, lock_text
from bootstrap.course.locks import (
    CondaPin,
    WheelPin,
    environment_digest,
    marker_environment,
    python_version,
    read_conda_lock,
    read_requirements,
    wanted,
)
from bootstrap.course.model import ARCHES
from bootstrap.course.problems import Problem
from bootstrap.course.requirements import read_vias

MOMENT_VARIABLE = "SOURCE_DATE_EPOCH"
"""When a document was made, in seconds since 1970, as reproducible builds say it."""

_NAMESPACE = uuid.UUID("0b4a6a4e-5a0f-5f0c-9d57-6f1d0f5f3b51")
"""What serial numbers are made in; another one would give each document another number."""


def sbom_text(loaded: LoadedCourse, platforms: Iterable[str], moment: datetime | None) -> str:
    """Give the SBOM of a course environment on platforms (linux-64, linux-aarch64), as JSON.

    The same locks, platforms and moment give the same text, the serial number too; without a moment
    there is no timestamp. Raises UsageError: E-LOCK-INVALID, E-LOCK-PLATFORM, E-LOCK-UNPINNED,
    E-COURSE-LOCK-MISSING.
    """
    digest = environment_digest(loaded.conda_lock, loaded.requirements)
    chosen = sorted(set(platforms))
    course = Component(
        type=ComponentType.PLATFORM,
        name=loaded.course.name,
        version=digest,
        description=loaded.course.title,
        bom_ref=f"{loaded.course.name}@{digest}",
    )
    contents = _contents(loaded, course, chosen)
    bom = Bom(
        serial_number=uuid.uuid5(_NAMESPACE, " ".join((__version__, digest, *chosen))),
        components=contents.components.values(),
        dependencies=contents.graph(),
    )
    tool = Component(type=ComponentType.APPLICATION, name="mlops-bootstrap", version=__version__)
    bom.metadata.tools.components.add(tool)
    bom.metadata.component = course
    bom.metadata.properties.add(Property(name="cdx:reproducible", value="true"))
    bom.metadata.timestamp = moment  # type: ignore[assignment] # else the library takes the clock's
    outputter = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    return outputter.output_as_string(indent=2) + "\n"


def moment_in(environ: Mapping[str, str]) -> datetime | None:
    """Give the moment that SOURCE_DATE_EPOCH says, None where it is not set.

    Raises UsageError E-VARIABLE for what is no such moment.
    """
    text = environ.get(MOMENT_VARIABLE, "")
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            "E-VARIABLE",
            f"{text[:40]!r} is no number of seconds since 1970",
            where=MOMENT_VARIABLE,
            remedy="set it to what `git log -1 --format=%ct` prints, or unset it",
        ) from None


class _Contents:
    """Components by reference, and what each needs."""

    def __init__(self, course: Component) -> None:
        self._course = course
        self._needs: dict[str, set[str]] = {}
        self.components: dict[str, Component] = {}

    def add(self, part: Mapping[str, Component], needers: Mapping[str, Sequence[str]]) -> None:
        """Add one platform's part of one lock: its components by name, and what needs each.

        A needer that is no name of the part is the course itself; so is that of a component that
        nothing needs.
        """
        self.components |= {_ref(component): component for component in part.values()}
        for name, component in part.items():
            for needer in needers.get(name) or ("",):
                above = part.get(needer, self._course)
                self._needs.setdefault(_ref(above), set()).add(_ref(component))

    def graph(self) -> list[Dependency]:
        """What needs what, as the library has it."""
        known = {**self.components, _ref(self._course): self._course}
        return [
            Dependency(
                component.bom_ref,
                [Dependency(known[below].bom_ref) for below in self._needs.get(ref, set()) - {ref}],
            )
            for ref, component in known.items()
        ]


def _ref(component: Component) -> str:
    return str(component.bom_ref.value)


def _contents(loaded: LoadedCourse, course: Component, platforms: Iterable[str]) -> _Contents:
    contents = _Contents(course)
    conda_lock, requirements = loaded.conda_lock, loaded.requirements
    conda = {platform: read_conda_lock(conda_lock, platform) for platform in platforms}
    locked = read_requirements(requirements)
    python = {platform: python_version(pins, conda_lock) for platform, pins in conda.items()}
    wheels = {
        platform: wanted(locked, marker_environment(version, ARCHES[platform]))
        for platform, version in python.items()
    }
    made = _wheels(pin for pins in wheels.values() for pin in pins)
    said = read_vias(lock_text(requirements))
    names = {pin.name for pin in locked}
    for platform, pins in conda.items():
        contents.add({pin.name: _conda(pin, conda_lock) for pin in pins}, _conda_needers(pins))
        part = {pin.name: made[pin.name, pin.version] for pin in wheels[platform]}
        # What is only on other platforms needs nothing on this one.
        absent = names - part.keys()
        contents.add(part, {n: [x for x in found if x not in absent] for n, found in said.items()})
    return contents


def _conda_needers(pins: Iterable[CondaPin]) -> dict[str, list[str]]:
    needers: dict[str, list[str]] = {}
    for pin in pins:
        for spec in pin.dependencies:
            needers.setdefault(spec.split()[0], []).append(pin.name)
    return needers


def _conda(pin: CondaPin, lock: Path) -> Component:
    # A channel is where a package lies, without host and platform: `conda-forge`.
    channel = urlsplit(pin.url).path.strip("/").rpartition("/")[0].rpartition("/")[0]
    kind = "conda" if pin.filename.endswith(".conda") else "tar.bz2"
    qualifiers = {"build": pin.build, "channel": channel, "subdir": pin.subdir, "type": kind}
    purl = PackageURL("conda", None, pin.name, pin.version, qualifiers)
    hashes = [_sha256(pin.sha256)]
    try:
        address = XsUri(requote_uri(pin.public_url))
    except InvalidUriException:
        problem = Problem(1, f"{pin.name}: url", "is no address")
        raise lock_error("E-LOCK-INVALID", lock, [problem]) from None
    file = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=address, hashes=hashes)
    return _package(purl, hashes, [file])


def _wheels(pins: Iterable[WheelPin]) -> dict[tuple[str, str], Component]:
    """Make a component of each version of a wheel, with the files for all markers together."""
    files: dict[tuple[str, str], set[str]] = {}
    for pin in pins:
        files.setdefault((pin.name, pin.version), set()).update(pin.hashes)
    return {key: _wheel(*key, sorted(hashes)) for key, hashes in files.items()}


def _wheel(name: str, version: str, hashes: Sequence[str]) -> Component:
    purl = PackageURL("pypi", None, name, version)
    if len(hashes) == 1:
        return _package(purl, [_sha256(hashes[0])], [])
    files = [
        ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION,
            url=XsUri(_named_by(sha256)),
            comment=f"one of {len(hashes)} files that may be installed",
            hashes=[_sha256(sha256)],
        )
        for sha256 in hashes
    ]
    return _package(purl, [], files)


def _named_by(sha256: str) -> str:
    digits = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")
    return f"ni:///sha-256;{digits}"


def _sha256(content: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=content)


def _package(
    purl: PackageURL, hashes: list[HashType], references: list[ExternalReference]
) -> Component:
    return Component(
        type=ComponentType.LIBRARY,
        name=purl.name,
        version=purl.version,
        bom_ref=purl.to_string(),
        purl=purl,
        hashes=hashes,
        external_references=references,
    )
