"""The conda packages of one platform as an explicit specification, which needs no solver."""

from __future__ import annotations

from bootstrap.export.subject import Subject, commented


def render(subject: Subject) -> str:
    """What conda, mamba, micromamba, rattler and pixi take with `create --file`."""
    use = ("", "conda create --name NAME --file FILE", f"platform: {subject.platform}")
    header = commented((*subject.header("conda-explicit"), *use))
    return header + "".join(f"{line}\n" for line in explicit_lines(subject))


def explicit_lines(subject: Subject) -> tuple[str, ...]:
    """`@EXPLICIT`, then the address of each package with its sha256."""
    return ("@EXPLICIT", *(f"{pin.public_url}#sha256:{pin.sha256}" for pin in subject.conda))
