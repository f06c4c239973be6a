"""A YAML file as plain values, with the line of every key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from bootstrap.core.errors import UsageError
from bootstrap.course.nodes import NotYaml, compose
from bootstrap.course.problems import KeyPath, Problem, dotted

# libyaml's is ten times as fast; wheels of pyyaml have it, a build from source may not.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_LARGEST = 1 << 20
_LONGEST_NUMBER = 100
_STANDARD_TAG = "tag:yaml.org,2002:"
_COLLECTIONS = ("map", "seq")
# A course has no dates: a version such as 2024-01-31 is taken as the text that it is.
_AS_WRITTEN = ("str", "timestamp")
_CONVERTED = ("int", "float", "bool", "null")


@dataclass(slots=True)
class Document:
    """What a YAML file says (data), where each key stands (lines), and what cannot be meant."""

    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_document(content: bytes, file: str) -> Document:
    """Read one YAML document out of a file's bytes.

    Keys are kept as the text that is written. A key that is twice in one mapping, an alias and a
    value that cannot be read become problems of the document; raises UsageError E-COURSE-SYNTAX
    with file:line:column for what is not YAML at all.
    """
    text = _decoded(content, file)
    loader = _Loader(text)
    document = Document()
    try:
        root = compose(loader, text)
        if root is not None:
            document.data = _Reader(loader, document).value(root, ())
    except NotYaml as error:
        raise _syntax(file, f"{error.line}:{error.column}", error.message) from None
    finally:
        loader.dispose()
    return document


def _decoded(content: bytes, file: str) -> str:
    if len(content) > _LARGEST:
        raise _syntax(file, "1:1", f"too large for a course file: {len(content)} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = error.start - before.rfind(b"\n")
        where = f"{before.count(bytes([10])) + 1}:{column}"
        raise _syntax(file, where, "not text in UTF-8: is this the right file?") from None


def _syntax(file: str, where: str, problem: str) -> UsageError:
    return UsageError(
        "E-COURSE-SYNTAX",
        f"{file}:{where}: {problem}",
        where=f"{file}:{where}",
        remedy="correct the YAML there; the column is where reading stopped, the cause is often"
        " the indentation or a missing quote just before",
    )


class _Reader:
    """Turns nodes into values and writes down where keys stand and what is odd."""

    def __init__(self, loader: Any, document: Document) -> None:
        self._loader = loader
        self._document = document
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        # An alias is the same node again. Refused, for a file of a kilobyte can unfold to
        # gigabytes with them, and a mapping can hold itself.
        if id(node) in self._seen:
            return self._report(node, path, "aliases are not read here: write the values out")
        self._seen.add(id(node))
        if node.tag.removeprefix(_STANDARD_TAG) not in _COLLECTIONS:
            self._report(node, path, f"the tag {node.tag!r} means nothing here")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._report(key_node, path, "a key must be a word, not a mapping or a list")
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in mapping:
                first = self._document.lines[here]
                self._report(key_node, here, f"is here twice, first in line {first}")
                continue
            self._document.lines[here] = key_node.start_mark.line + 1
            mapping[key] = self.value(value_node, here)
        return mapping

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Any:
        kind = node.tag.removeprefix(_STANDARD_TAG)
        if kind in _AS_WRITTEN:
            return node.value
        if kind not in _CONVERTED:
            return self._report(node, path, f"the tag {node.tag!r} means nothing here")
        try:
            if len(node.value) > _LONGEST_NUMBER:  # Python converts it, but refuses to print it
                raise ValueError
            return self._loader.construct_object(node)
        except (ValueError, LookupError, OverflowError):
            return self._report(node, path, f"{node.value[:60]!r} is no {kind}")

    def _report(self, node: yaml.Node, path: KeyPath, message: str) -> None:
        problem = Problem(node.start_mark.line + 1, dotted(path), message)
        self._document.problems.append(problem)
