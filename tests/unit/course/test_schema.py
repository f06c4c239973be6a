from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from bootstrap.course.locate import shipped_courses
from bootstrap.course.schema import course_schema, schema_text
from tests.unit.course.broken import BROKEN, Broken
from tests.unit.course.conftest import COURSE

PUBLISHED = Path(__file__).parents[3] / "docs" / "course.schema.json"


def _fits(text: str) -> bool:
    return bool(Draft202012Validator(course_schema()).is_valid(yaml.safe_load(text)))


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_text() == schema_text(), (
        "docs/course.schema.json is out of date: write it again with"
        " `mlops-bootstrap schema > docs/course.schema.json`"
    )


def test_the_schema_is_one() -> None:
    schema = course_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_key_is_described() -> None:
    schema = course_schema()
    for part in (schema, *schema["$defs"].values()):
        assert part["description"]
        assert part["additionalProperties"] is False
        for key, value in part["properties"].items():
            assert value.get("description", "").endswith("."), key


@pytest.mark.parametrize("name", shipped_courses())
def test_shipped_courses_fit(name: str) -> None:
    assert _fits(shipped_courses()[name].read_text())


def test_the_sample_fits() -> None:
    assert _fits(COURSE)


@pytest.mark.parametrize(
    "case", [case for case in BROKEN if case.in_schema], ids=lambda case: case.id
)
def test_what_the_loader_refuses_the_schema_refuses(case: Broken) -> None:
    assert not _fits(case.text(COURSE))


@pytest.mark.parametrize(
    "case", [case for case in BROKEN if not case.in_schema], ids=lambda case: case.id
)
def test_what_spans_keys_is_left_to_the_loader(case: Broken) -> None:
    assert _fits(case.text(COURSE))
