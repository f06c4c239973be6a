"""YAML text as a tree of nodes that know their lines, whatever the text is."""

from __future__ import annotations

from typing import Any

import yaml

DEEPEST = 40
"""How deep mappings and lists may be nested; a course or a lock has five levels."""

_SURELY_SHALLOW = 1000


class NotYaml(Exception):  # noqa: N818 - what it says about the text; always translated
    """The text is no YAML, from this line and column on (counted from 1)."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message


def compose(loader: Any, text: str) -> yaml.Node | None:
    """Give the root node of the one document in text, None when there is none.

    loader is a pyyaml loader for this text, kept by the caller, who makes values of the nodes with
    it. Raises NotYaml.
    """
    try:
        _check_depth(type(loader), text)
        root: yaml.Node | None = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise NotYaml(line, column, error.problem or error.context or "not YAML") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise NotYaml(line, 1, f"a character that YAML forbids: {error.reason}") from None
    return root


def _check_depth(loader: Any, text: str) -> None:
    """Refuse what is nested too deep before it becomes nodes.

    libyaml's composer calls itself for each level, and a file of a hundred kilobytes is enough to
    end the process with a segmentation fault. Its parser does not, but to ask it first costs as
    much as the rest: so only where the text could be that deep. Each level needs an opening
    bracket, or a column of its own in some line.
    """
    columns = max(map(len, text.split("\n")))
    if text.count("[") + text.count("{") + columns < _SURELY_SHALLOW:
        return
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise NotYaml(line, column, f"nested deeper than {DEEPEST} levels")
