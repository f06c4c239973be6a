"""The forms that text in a course file can have, each with what to say when it has another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ByteSize, WithJsonSchema
from pydantic_core import core_schema

_SHOWN = 60
_UNITS = "KiB|MiB|GiB|TiB|kB|MB|GB|TB"


@dataclass(frozen=True, slots=True)
class Form:
    """A pattern that the whole text must match, for pydantic and for the JSON schema alike.

    saying is what a person reads otherwise, right after the text that was found.
    """

    pattern: str
    saying: str

    def check(self, text: str) -> str:
        """Give the text back, or raise ValueError with what to write instead."""
        if re.fullmatch(self.pattern, text, re.ASCII) is None:
            raise ValueError(f"{text[:_SHOWN]!r} {self.saying}")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


class Misfit(ValueError):  # noqa: N818 - the word for it; it never leaves this package
    """Values that are fine each but not together: (path of the key below here, message) each."""

    def __init__(self, *problems: tuple[tuple[str | int, ...], str]) -> None:
        super().__init__("; ".join(message for _, message in problems))
        self.problems = problems


def _size(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(rf"\d+(\.\d+)? ?({_UNITS})", value, re.ASCII):
        return value
    if isinstance(value, ByteSize):
        return value
    raise ValueError(f"{str(value)[:_SHOWN]!r} is not a size; write a number and a unit: 10 GiB")


def _url(url: str) -> str:
    scheme, _, rest = url.partition("://")
    user, at, _ = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
    # A name alone in front of `@` is a login for ssh, but for https it is how a token is written.
    if at and (scheme != "ssh" or ":" in user):
        raise ValueError("a URL in a course file must hold no password: everyone can read the file")
    return url


Slug = Annotated[
    str,
    Form(
        r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?",
        "is not a name here: lower-case letters, digits and `-` between them, at most 40",
    ),
]
Title = Annotated[
    str, Form(r"[^\x00-\x1f\x7f-\x9f]{1,100}", "is not a title: one line of at most 100 characters")
]
Distribution = Annotated[
    str, Form(r"[a-z0-9][a-z0-9._-]*", "is not a distribution's ID as in /etc/os-release: ubuntu")
]
Constraint = Annotated[
    str,
    Form(
        r"(>=|<=|==|!=|~=|<|>) ?\d+(\.\d+)*( ?, ?(>=|<=|==|!=|~=|<|>) ?\d+(\.\d+)*)*",
        'is not a version constraint; write one such as ">=22.04" or ">=22.04, <25"',
    ),
]
Size = Annotated[
    ByteSize,
    BeforeValidator(_size),
    WithJsonSchema({"type": "string", "pattern": rf"^\d+(\.\d+)? ?({_UNITS})$"}),
]
DebianPackage = Annotated[
    str, Form(r"[a-z0-9][a-z0-9+.-]+", "is not the name of a Debian package (lower case: git)")
]
FileName = Annotated[
    str,
    Form(
        r"(?!/)(?!(.*/)?\.\.(/|$))[^\x00-\x1f]+",
        "is not the name of a file beside course.yml (relative, without `..`)",
    ),
]
RepositoryUrl = Annotated[
    str,
    Form(
        r"(https?|ssh|file)://(?!-)[!-~]+|[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:[!-~]+",
        "is not the address of a git repository: https://..., ssh://... or file:///...",
    ),
    AfterValidator(_url),
]
DownloadUrl = Annotated[
    str,
    Form(r"https?://[!-~]+", "is not a download address: https://..."),
    AfterValidator(_url),
]
Commit = Annotated[
    str,
    Form(
        r"[0-9a-f]{40}",
        "is not a commit: 40 hexadecimal digits in lower case are needed, for a branch or a tag can"
        " move (`git rev-parse NAME` prints them)",
    ),
]
Destination = Annotated[
    str,
    Form(
        r"(~?/)(?!(.*/)?\.\.?(/|$))[^/\x00-\x1f][^\x00-\x1f]*",
        "is not a folder for the repository: write ~/NAME or an absolute path, without `..`",
    ),
]
ProgramName = Annotated[
    str, Form(r"[A-Za-z0-9][A-Za-z0-9._+-]*", "is not the name of a program file")
]
ColumnName = Annotated[
    str, Form(r"[A-Za-z_][A-Za-z0-9_]*", "is not the name of a column: letters, digits and `_`")
]
Version = Annotated[str, Form(r"[0-9A-Za-z][0-9A-Za-z.+_-]*", "is not a version")]
Sha256 = Annotated[
    str, Form(r"[0-9a-f]{64}", "is not a sha256: 64 hexadecimal digits in lower case are needed")
]
Need = Annotated[
    str,
    Form(
        r"[a-z]+(\.[a-z0-9-]+)?",
        "is neither an area of checks, such as `tracking`, nor the code of one: `tools.git`",
    ),
]
UrlPath = Annotated[str, Form(r"/[!-~]*", "is not a path on the service: it starts with /")]
