"""What pydantic found wrong in a course, in the words of the person who wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel

from bootstrap.course.forms import Misfit
from bootstrap.course.problems import KeyPath, Problem, dotted, line_of

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_KINDS = {
    "dict_type": "must be a mapping (`key: value` lines)",
    "model_type": "must be a mapping (`key: value` lines)",
    "model_attributes_type": "must be a mapping (`key: value` lines)",
    "tuple_type": "must be a list (`- value` lines, or [a, b])",
    "int_type": "must be a whole number",
    "too_short": "must not be empty",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "missing": "is missing",
}


def problems_in(
    error: ValidationError, model: type[BaseModel], lines: Mapping[KeyPath, int]
) -> list[Problem]:
    """Turn what pydantic found into problems, in the order of the file's lines."""
    found = [
        Problem(line_of(path, lines), dotted(path), message)
        for detail in error.errors(include_url=False)
        for path, message in _messages(detail, model)
    ]
    return sorted(set(found))


def _messages(detail: ErrorDetails, model: type[BaseModel]) -> Iterator[tuple[KeyPath, str]]:
    # pydantic marks a mapping's bad key with an element "[key]" after the key itself.
    path = tuple(part for part in detail["loc"] if part != "[key]")
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, Misfit):
        yield from (((*path, *below), message) for below, message in cause.problems)
    else:
        yield path, _message(detail, path, model)


def _message(detail: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    context, kind, value = detail.get("ctx", {}), detail["type"], detail["input"]
    match kind:
        case "value_error":
            message = str(context["error"])
        case "extra_forbidden":
            message = "is not a key here" + _nearest(str(path[-1]), _keys_at(model, path[:-1]))
        case "literal_error":
            choices = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            message = f"{str(value)[:40]!r} is not known here" + _nearest(str(value), choices)
        case "string_type":
            message = _not_text(value)
        case _:
            message = _KINDS[kind].format(**context) if kind in _KINDS else detail["msg"]
    return message


def _not_text(value: object) -> str:
    if value is None:
        return "has no value"
    if isinstance(value, dict | list):
        return "must be text, not a mapping or a list"
    return "must be text: YAML reads this as something else, put it in quotes"


def _nearest(word: str, words: list[str]) -> str:
    from difflib import get_close_matches  # here: a course that is right needs none of it

    close = get_close_matches(word, words, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; valid here: {', '.join(words)}"


def _keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Give the valid keys of the mapping at this path of the model."""
    kind: Any = model
    for part in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = kind.model_fields[str(part)].annotation
        else:
            # dict[key, value] and tuple[item, ...]: what is below is the value or the item.
            inner = get_args(kind)
            kind = inner[1] if get_origin(kind) is dict else inner[0]
    return list(kind.model_fields)
