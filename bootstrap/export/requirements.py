"""The wheels of one platform as a requirements.txt, each with its hashes."""

from __future__ import annotations

from bootstrap.course.requirements import WheelPin
from bootstrap.export.subject import Subject, commented

_USE = (
    "",
    "pip install --require-hashes --no-deps --only-binary :all: -r FILE",
)


def render(subject: Subject) -> str:
    """Every wheel that belongs on the platform, without markers."""
    header = commented((*subject.header("requirements"), *_USE))
    return header + "".join(_entry(pin) for pin in subject.wheels)


def requirement_line(pin: WheelPin) -> str:
    """A wheel on one line: `name==version --hash=sha256:...`."""
    return " ".join((f"{pin.name}=={pin.version}", *_options(pin)))


def _entry(pin: WheelPin) -> str:
    return " \\\n    ".join((f"{pin.name}=={pin.version}", *_options(pin))) + "\n"


def _options(pin: WheelPin) -> list[str]:
    return [f"--hash=sha256:{digest}" for digest in pin.hashes]
